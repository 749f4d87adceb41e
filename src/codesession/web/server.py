"""Running the dashboard: bound socket in, served until a signal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvicorn

from codesession.web.application import create_application
from codesession.web.memory import Memory
from codesession.web.routes.shared import State
from codesession.web.warming import warm
from codesession.web.watcher import Watcher
from codesession.web.workers import Workers

if TYPE_CHECKING:
    import socket
    from pathlib import Path
    from types import FrameType

    import click

    from codesession.app import App
    from codesession.web.access import Access

_QUICK, _PATIENT = 3, 2
"""Threads, each with a connection to the ledger."""
_WAITING = 200
_CONNECTIONS = 400
_HEAD_BYTES = 64 * 1024
_KEEP_ALIVE_S = 30
_GRACE_S = 3


class DashboardServer:
    """One dashboard on one socket. Serves once."""

    def __init__(
        self, app: App, access: Access, *, commands: click.Group | None = None, static: Path | None = None
    ) -> None:
        app.store  # noqa: B018 - opened (and brought to the newest schema) before several threads do so at once
        self._watcher = Watcher(app)
        self._state = State(
            access=access,
            quick=Workers(app, threads=_QUICK, waiting=_WAITING, name="quick"),
            patient=Workers(app, threads=_PATIENT, waiting=_WAITING, name="patient"),
            watcher=self._watcher,
            memory=Memory(self._watcher),
            commands=commands,
        )
        # h11: heads of requests are bounded, which the faster parser does not do
        config = uvicorn.Config(
            create_application(self._state, static),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEAD_BYTES,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = _Server(config, self._state)

    def serve_forever(self, sock: socket.socket) -> None:
        """Serve until `stop`, SIGINT or SIGTERM; then open streams end and the ledger is let go."""
        try:
            with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
                runner.run(self._server.serve([sock]))
        except KeyboardInterrupt:
            return  # uvicorn raises the signal again after it has stopped; it was obeyed
        finally:
            for part in (self._state.quick, self._state.patient, self._watcher):
                part.close()

    def stop(self) -> None:
        """End `serve_forever`; may be called from any thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """Ready before it is asked; open event streams, which would keep uvicorn from stopping, end first."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state
        self._warming: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and meanwhile ask what the first page will ask."""
        await super().startup(sockets)
        self._warming = asyncio.create_task(warm(self._state))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: stop, without the second one that uvicorn would raise."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        if self._warming is not None:
            self._warming.cancel()
        self._state.watcher.stop()
        await super().shutdown(sockets)
