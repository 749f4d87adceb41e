"""The process that `cs mcp` is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from codesession.app import App
from codesession.services.worker import Worker

if TYPE_CHECKING:
    from codesession.mcp_server.server import Server


def opener(app: App) -> Callable[[], AbstractContextManager[App]]:
    """What a worker opens in its thread: the same settings over a connection of its own."""

    @contextmanager
    def own() -> Iterator[App]:
        mine = app.for_thread()
        try:
            yield mine
        finally:
            mine.close()

    return own


@contextmanager
def serving(app: App) -> Iterator[Server]:
    """A server with its threads; at the end what was asked is finished."""
    from codesession.mcp_server.server import create_server

    workers = [Worker(opener(app), f"mcp-{name}") for name in ("quick", "patient")]
    try:
        yield create_server(*workers)
    finally:
        for worker in workers:
            worker.close()


def serve_stdio(app: App) -> None:
    """Serve one client on stdin and stdout, until it hangs up. Raises `CodesessionError` for broken settings."""
    _ = app.settings.ledger_path
    with serving(app) as server:
        server.run("stdio")
