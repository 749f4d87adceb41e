"""`cs dashboard`"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import json_option, own_token
from codesession.cli.output import say, warn
from codesession.contract import enveloped
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.web.running import Note, Running

TOKEN_VARIABLE = "CODESESSION_DASHBOARD_TOKEN"  # noqa: S105 - the name of a variable
_API_VERSION = 1


@click.command("dashboard")
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="Port to listen on; default: 3737, or a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--token", envvar=TOKEN_VARIABLE, help=f"Your own token; better given as {TOKEN_VARIABLE}.")
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help="Name it is reached by from elsewhere.")
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@json_option
@click.pass_obj
def command(
    app: App, port: int | None, host: str, token: str | None, names: tuple[str, ...], no_open: bool, as_json: bool
) -> None:
    """
    Serve the dashboard and open it in the browser, until Ctrl+C.

    A dashboard that serves this ledger already is opened instead of starting another one.
    """
    from codesession.web.running import Note

    remote = not _is_loopback(host)
    _check_token(host, token, remote=remote)
    note = Note(app.settings.home, app.settings.ledger_place)
    if token is None and not remote and (found := note.find()) is not None and port in (None, found.port):
        _introduce(found, found.new_code(), as_json=as_json, opens=not no_open, reused=True)
        return
    _serve(app, note, host, port, token, names if remote else None, as_json=as_json, opens=not no_open)


def _serve(
    app: App,
    note: Note,
    host: str,
    port: int | None,
    token: str | None,
    names: tuple[str, ...] | None,
    *,
    as_json: bool,
    opens: bool,
) -> None:
    """Bind, say where, serve until a signal."""
    from codesession.web.socket import bind

    sock = bind(host, port)
    from codesession.cli.alert_watch import AlertWatch
    from codesession.cli.main import cli
    from codesession.web.access import Access
    from codesession.web.running import Running
    from codesession.web.server import DashboardServer

    bound = int(sock.getsockname()[1])
    access = Access(port=bound, token=token, remote_names=None if names is None else frozenset(map(str.lower, names)))
    server = DashboardServer(app, access, commands=cli)
    running = Running(host=host, port=bound, pid=os.getpid(), token=access.token, instance=access.instance)
    alerts = AlertWatch(app, say)
    note.leave(running)
    try:
        _introduce(running, access.new_code(), as_json=as_json, opens=opens, reused=False)
        alerts.start()
        server.serve_forever(sock)
    finally:
        note.remove(access.instance)
        alerts.stop()
    if alerts.problem:
        warn(f"alerts: {alerts.problem}")


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name: wherever it leads, it is not known to stay on this machine
        return False


def _check_token(host: str, token: str | None, *, remote: bool) -> None:
    """Whoever serves others chooses the token knowingly, and a long one."""
    own_token(token, "the token")
    if not remote:
        return
    exposed = "every session, cost, file name, commit and diff, and the right to change budgets and prices"
    if token is None:
        raise InvalidInputError(
            f"--host {host} lets other machines reach {exposed}",
            hint=f"give a token that you choose: {TOKEN_VARIABLE}=… cs dashboard --host {host}",
        )
    warn(f"whoever has the token and reaches {host} gets {exposed}; what is sent is not encrypted")


def _introduce(running: Running, code: str, *, as_json: bool, opens: bool, reused: bool) -> None:
    """One line for scripts, or words; then the browser."""
    if as_json:
        line = enveloped(
            {
                "url": running.url,
                "port": running.port,
                "host": running.host,
                "pid": running.pid,
                "apiVersion": _API_VERSION,
                "token": running.token,
                "openUrl": running.first_url(running.token),
                "reused": reused,
            }
        )
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    else:
        say("the dashboard is running already" if reused else "the dashboard runs until Ctrl+C")
        sys.stdout.write(running.first_url(running.token) + "\n")
        sys.stdout.flush()
    if opens:
        _open(running.first_url(code))


def _open(url: str) -> None:
    """In a browser with windows; one for terminals would take this terminal."""
    import webbrowser

    has_windows = sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("WSL_DISTRO_NAME")
    )
    if has_windows and not webbrowser.open(url):
        warn("no browser could be opened; open the address yourself")
