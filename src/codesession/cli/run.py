"""`cs run`"""

from __future__ import annotations

import os
import re
import shutil
import threading
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import DOLLARS
from codesession.cli.output import console, say, warn
from codesession.domain.money import to_picousd
from codesession.errors import CodesessionError, InvalidInputError
from codesession.settings import may_name_upstreams

if TYPE_CHECKING:
    import socket

    from codesession.cli.child import Child
    from codesession.cli.listening import Listener
    from codesession.domain.session import Session

_NAME_LENGTH = 120
_INTERPRETER = re.compile(r"(?:python|pypy|node|bun|ruby|perl|php|bash|sh|zsh)[\d.]*(?:\.exe)?")
"""Programs whose first argument is the script that they run, if it is a file."""


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("-n", "--name", help="Name of the session; default: the program.")
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="Port of the proxy; default: 3739, or a free one.")
@click.option("--no-proxy", is_flag=True, help="Do not listen for the command's model calls.")
@click.option("--budget", type=DOLLARS, metavar="USD", help="What the run may cost.")
@click.option("--strict", is_flag=True, help="With --budget: only calls that fit into it for certain.")
@click.option(
    "--on-budget",
    type=click.Choice(["refuse", "kill"]),
    default="refuse",
    show_default=True,
    help="When a budget is used up: refuse the call, or end the command too.",
)
@click.argument("argv", nargs=-1, required=True, metavar="COMMAND...", type=click.UNPROCESSED)
@click.pass_obj
def command(
    app: App,
    name: str | None,
    port: int | None,
    no_proxy: bool,
    budget: Decimal | None,
    strict: bool,
    on_budget: str,
    argv: tuple[str, ...],
) -> int:
    """
    Run a command and see what it costs.

    The command gets its arguments, the terminal, stdin and stdout as if you had run it yourself. Its model calls
    go through a local proxy that counts them; the summary comes on stderr at the end. The exit status is the
    command's.
    """
    from codesession.cli.child import signals_held, spawn
    from codesession.cli.child.start_error import not_started

    kills = on_budget == "kill"
    _check(budget=budget, strict=strict, no_proxy=no_proxy, port=port, kills=kills)
    if shutil.which(argv[0]) is None and not os.path.dirname(argv[0]):
        raise not_started(argv[0], FileNotFoundError(2, "No such file or directory"))
    configured = _configured(app, budget, strict)
    sock, upstreams = (None, {}) if no_proxy or not configured else _prepared(app, port)
    session = _begin(app, default_name(argv) if name is None else name, budget, strict) if configured else None
    listener = None if sock is None else _listener(app, sock, session, upstreams, strict, kills)
    environment = dict(os.environ)
    if session is not None:
        environment["CODESESSION_SESSION_ID"] = str(session.id)
    if listener is not None:
        environment |= listener.environment()
    with signals_held():
        try:
            child: Child = spawn(argv, environment)
        except CodesessionError as error:
            _end(app, session, None, notes=f"could not start: {error.message}")
            raise
        if listener is not None:
            listener.on_refusal = partial(_kill, child) if kills else None
            listener.start()
        status = child.wait()
        if listener is not None:
            listener.stop()
        _end(app, session, listener, notes=None)
    return status


def _configured(app: App, budget: Decimal | None, strict: bool) -> bool:
    """
    Whether the settings can be read. A typing error there is no reason for an agent not to start: it is said.

    Unless a strict budget would not be kept, or calls might go past the gateway that they have to take.
    """
    try:
        app.settings  # noqa: B018  # read now
    except InvalidInputError as error:
        if (budget is not None and strict) or may_name_upstreams(app.environment):
            raise
        _not_recorded(error, budget)
        return False
    return True


def _not_recorded(error: CodesessionError, budget: Decimal | None) -> None:
    warn(f"this run is not recorded{'' if budget is None else ', its budget not kept'}: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")


def _check(*, budget: Decimal | None, strict: bool, no_proxy: bool, port: int | None, kills: bool) -> None:
    """Options that would be passed over silently are refused."""
    if strict and budget is None:
        raise InvalidInputError("--strict says how a budget is kept", hint="give one: cs run --budget 5 --strict")
    if no_proxy and (budget is not None or kills):
        hint = "leave out --no-proxy; for calls that hooks or scripts report there is `cs budget set`"
        raise InvalidInputError("without the proxy a run is not stopped at its budget", hint=hint)
    if no_proxy and port is not None:
        raise InvalidInputError("--port is the proxy's, and --no-proxy is without one")


def default_name(argv: tuple[str, ...]) -> str:
    """
    The program as a name, after an interpreter with its script: `python agent.py`.

    No other argument: any of them may be a prompt or a key, with or without an option before it.
    """
    program, *arguments = argv
    name = program
    interprets = _INTERPRETER.fullmatch(os.path.basename(program))
    if interprets and arguments and os.path.isfile(arguments[0]):
        name += " " + os.path.basename(arguments[0])
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"


def _prepared(app: App, port: int | None) -> tuple[socket.socket, dict[str, str]]:
    """A bound socket and where to forward to: whatever of this cannot be, is said before anything has begun."""
    from codesession.cli.listening import upstreams_of
    from codesession.proxy.socket import bind_socket
    from codesession.settings import DEFAULT_PROXY_PORT

    upstreams = upstreams_of(app)
    return bind_socket(port, default=app.settings.proxy_port or DEFAULT_PROXY_PORT), upstreams


def _begin(app: App, name: str, budget: Decimal | None, strict: bool) -> Session | None:
    """
    The run's session; None when the ledger cannot be used: the command runs all the same.

    Not so with a strict budget, which lets nothing pass that it cannot count.
    """
    try:
        started = app.sessions.start(
            name,
            app.directory,
            parallel=True,
            budget_picousd=None if budget is None else to_picousd(budget),
            budget_strict=strict,
        )
    except InvalidInputError:
        raise
    except CodesessionError as error:
        if budget is not None and strict:
            raise
        _not_recorded(error, budget)
        return None
    for warning in started.warnings:
        warn(warning)
    return started.session


def _kill(child: Child) -> None:
    """End the command; in a thread of its own, so that the refusal still reaches whoever asked."""
    threading.Thread(target=child.kill_group, name="codesession-kill", daemon=True).start()


def _listener(
    app: App, sock: socket.socket, session: Session | None, upstreams: dict[str, str], strict: bool, kills: bool
) -> Listener:
    from codesession.cli.listening import Listener

    return Listener(app, sock, session, upstreams, strict=strict, kills=kills)


def _end(app: App, session: Session | None, listener: Listener | None, *, notes: str | None) -> None:
    """End the session and say what it cost; what cannot be done is said, the exit status stays the command's."""
    if listener is not None:
        listener.report()
    if session is None:
        return
    try:
        if app.scopes.by_id(session.id).is_active:
            detail = app.sessions.end(session.id, app.directory, notes=notes)
        else:
            detail = app.sessions.detail(session.id)
        totals = app.sessions.model_totals(session.id)
    except CodesessionError as error:
        warn(f"the end of session {session.id} is not recorded: {error.message}")
        return
    from codesession.cli import render

    for warning in detail.warnings:
        warn(warning)
    try:
        refused = 0 if listener is None else listener.refused
        render.run_summary(console(stderr=True), detail, totals, refused=refused)
    except OSError:
        return  # the terminal is gone; the ledger has it all
