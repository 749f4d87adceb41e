"""`cs start` at a person's terminal: shows what happens until the session ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from codesession.cli import render
from codesession.cli.output import console, plain, say, warn

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.services.sessions import Started


def watch(app: App, started: Started) -> int:
    """Follow a session; Ctrl+C ends it, an end elsewhere lets go. Returns the exit status."""
    from codesession.services.watching import Watch

    session = started.session
    out = console()
    verb = "Continuing" if started.resumed else "Tracking"
    out.print(f'{verb} "{plain(session.name)}" (session {session.id}) in {plain(session.directory)}')
    out.print("Ctrl+C ends it.", style="dim")
    stop = threading.Event()
    handlers = {sig: signal.signal(sig, _setter(stop)) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        for event in Watch(app.store, session, stop, is_ours=app.sessions.is_ours).events():
            out.print(f"  {event.mark} {plain(event.text)}", overflow="fold")
    finally:
        for sig, handler in handlers.items():
            signal.signal(sig, handler)
    if app.scopes.by_id(session.id).is_active:
        detail = app.sessions.end(session.id, app.directory)
        for warning in detail.warnings:
            warn(warning)
    else:
        say(f"session {session.id} was ended elsewhere")
        detail = app.sessions.detail(session.id)
    out.print()
    render.session(out, detail, app.sessions.model_totals(session.id), files=True, commits=True)
    return 0


def _setter(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    return on_signal
