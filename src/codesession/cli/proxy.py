"""`cs proxy`; its subcommand `doctor` is in `proxy_doctor`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.output import console, plain, say, warn
from codesession.errors import CodesessionError

if TYPE_CHECKING:
    from codesession.domain.session import Session

_UNATTRIBUTED = "No budget of a session or a project counts such calls; one for everything does."


class _Group(click.Group):
    """Loads the doctor when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """There is one."""
        return ["doctor"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The doctor, or nothing."""
        if cmd_name != "doctor":
            return None
        from codesession.cli.proxy_doctor import command as doctor

        return doctor


@click.group("proxy", cls=_Group, invoke_without_command=True)
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="Port to listen on; default: 3739, or a free one.")
@click.option(
    "-s", "--session", "name", metavar="NAME", help="Begin (or continue) a session of this name for the calls."
)
@click.pass_context
def command(ctx: click.Context, port: int | None, name: str | None) -> None:
    """
    Listen as a local API proxy that counts model calls, until Ctrl+C.

    Point an agent or SDK at it with the exports it prints. Calls belong to the session that is named, else to the
    one that is active.
    """
    if ctx.invoked_subcommand is None:
        _listen(ctx.obj, port, name)


def _listen(app: App, port: int | None, name: str | None) -> None:
    from codesession.cli.listening import Listener, upstreams_of
    from codesession.proxy.socket import bind_socket
    from codesession.settings import DEFAULT_PROXY_PORT

    upstreams = upstreams_of(app)
    sock = bind_socket(port, default=app.settings.proxy_port or DEFAULT_PROXY_PORT)
    session = _session(app, name) if name else None
    listener = Listener(app, sock, session, upstreams)
    _introduce(app, listener.port, session)
    try:
        listener.serve_forever()
    finally:
        listener.stop()
        listener.report()
        if session is not None:
            _end(app, session)


def _session(app: App, name: str) -> Session:
    """The open session of this name here, else a new one beside whatever is open."""
    scope = app.scopes.scope(app.directory)
    for session in app.store.active_sessions(str(scope.directory)):
        if session.name == name:
            return session
    started = app.sessions.start(name, app.directory, parallel=True)
    for warning in started.warnings:
        warn(warning)
    return started.session


def _end(app: App, session: Session) -> None:
    from codesession.cli import render

    if app.scopes.by_id(session.id).is_active:
        detail = app.sessions.end(session.id, app.directory)
        render.run_summary(console(stderr=True), detail, app.sessions.model_totals(session.id))


def exports(port: int, shell: str) -> list[str]:
    """Lines that point SDKs and agents at the proxy, in the language of a shell (`sh`, `fish`, `powershell`)."""
    base = f"http://127.0.0.1:{port}"
    values = {
        "ANTHROPIC_BASE_URL": f"{base}/p/anthropic",
        "OPENAI_BASE_URL": f"{base}/p/openai/v1",
        "GOOGLE_GEMINI_BASE_URL": f"{base}/p/google",
    }
    form = {"fish": "set -gx {0} {1}", "powershell": '$env:{0} = "{1}"'}.get(shell, "export {0}={1}")
    return [form.format(*pair) for pair in values.items()]


def shell_of_user() -> str:
    """`fish`, `powershell` or `sh`, by what the environment says."""
    if os.environ.get("SHELL", "").endswith("fish"):
        return "fish"
    if "PSModulePath" in os.environ and not os.environ.get("SHELL"):
        return "powershell"
    return "sh"


def _active(app: App) -> list[Session] | None:
    """Sessions that calls may belong to; None, with a warning, when the ledger cannot be used."""
    try:
        return app.store.active_sessions()
    except CodesessionError as error:
        warn(f"calls are not recorded now: {error.message}")
        if error.hint:
            say(f"hint: {error.hint}")
        return None


def _introduce(app: App, port: int, session: Session | None) -> None:
    out = console()
    out.print(f"Listening on http://127.0.0.1:{port}; Ctrl+C stops.")
    out.print("\nIn the shell of your agent:\n")
    for line in exports(port, shell_of_user()):
        out.print(f"  {line}", soft_wrap=True)
    out.print()
    active = [session] if session is not None else _active(app)
    if active is None:
        out.print("Calls pass all the same.")
    elif len(active) == 1:
        out.print(f'Calls go to session {active[0].id} "{plain(active[0].name)}".')
    elif active:
        out.print("Several sessions are active: calls are kept unattributed unless --session names one.")
        out.print(_UNATTRIBUTED)
    else:
        out.print("No session is active: calls are kept unattributed.")
        out.print(_UNATTRIBUTED)
        out.print('Begin one with: cs start "what you are doing"')
    out.print("Counted: Anthropic Messages, OpenAI Chat Completions and Responses, Gemini,")
    out.print("and the same from other providers, below /p/<provider>/")
    if session is not None:
        say(f"session {session.id} ends with this proxy")
