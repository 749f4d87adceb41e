"""The application: checks who asks, finds out where the request goes, and lets an `Exchange` carry it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from codesession.proxy import replies
from codesession.proxy.client import UpstreamClient
from codesession.proxy.config import ProxyConfig
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.exchange import Exchange, Services
from codesession.proxy.gate import Gate
from codesession.proxy.gatekeeper import Gatekeeper
from codesession.proxy.guard import Guard
from codesession.proxy.recorder import Recorder
from codesession.proxy.replies import Reply
from codesession.proxy.request import Request
from codesession.proxy.route import REFUSED, SEEN, Route, find_route
from codesession.proxy.sessions import ActiveSession, Sessions

Metrics = Callable[[], str]


class Relay:
    """One running proxy."""

    def __init__(
        self,
        *,
        config: ProxyConfig,
        port: int,
        client: UpstreamClient,
        recorder: Recorder,
        sessions: Sessions,
        gate: Gate | None,
        diagnostics: Diagnostics,
    ) -> None:
        self._upstreams = config.upstreams
        self._guard = Guard(port)
        self._sessions = sessions
        self._diagnostics = diagnostics
        self._keeper = Gatekeeper(gate, diagnostics, far=config.ledger_is_far) if gate is not None else None
        self._services = Services(
            config=config,
            client=client,
            recorder=recorder,
            sessions=sessions,
            keeper=self._keeper,
            diagnostics=diagnostics,
        )
        self._metrics = config.metrics
        self._told = config.told
        self._scrape = asyncio.Lock()

    async def serve(self, request: Request) -> None:
        """Answer one request. Returns with the answer incomplete when the connection must be cut."""
        try:
            found = self._reply_or_route(request)
            if isinstance(found, Reply):
                found.send(request)
            elif isinstance(found, Route):
                self._diagnostics.count("requests")
                await Exchange(self._services, found, request).run()
            else:
                (await self._sums(found)).send(request)
        except Exception as error:  # the connection answers 500, or is cut
            self._diagnostics.report("internal_error", type(error).__name__)

    def close(self) -> None:
        """After the last call: finish what a budget was asked and told."""
        if self._keeper is not None:
            self._keeper.close()

    def _reply_or_route(self, request: Request) -> Reply | Route | Metrics:
        headers, path = request.first, request.path
        refusal = self._guard.refusal(request.peer, headers)
        if refusal is not None:
            self._diagnostics.count("turned_away")
            return replies.error(refusal[0], refusal[1])
        if request.repeats(b"host", b"origin"):
            return replies.error(400, "a header that says who asks is there twice")
        if headers.get(b"transfer-encoding", b"chunked").strip().lower() != b"chunked":
            return replies.error(501, "a body in another transfer encoding than chunked is not supported")
        if path in ("/health", SEEN):
            return replies.health(self._active_session())
        if path == "/metrics" and self._metrics is not None:
            return self._metrics
        if path.startswith(REFUSED) and request.method == "POST" and self._told is not None:
            self._told(path[len(REFUSED) :])
            return Reply(200, b"{}")
        if headers.get(b"upgrade", b"").lower() == b"websocket":
            return replies.upgrade_refused()
        found = find_route(path, headers, self._upstreams)
        if isinstance(found, Route):
            return found
        known = ", ".join(sorted(self._upstreams))
        what = f'unknown provider "{found.provider}"' if found.provider else "no provider is known for this path"
        return replies.error(404, f"{what}; use /p/<provider>/… with one of: {known}", code="unknown_provider")

    async def _sums(self, metrics: Metrics) -> Reply:
        """One scrape at a time, away from the loop: adding up may wait for the ledger, calls must not."""
        try:
            async with self._scrape:
                return replies.metrics(await asyncio.to_thread(metrics))
        except Exception as error:  # the ledger does not answer: the scrape fails, the proxy goes on
            self._diagnostics.report("metrics_failed", type(error).__name__)
            return replies.error(503, "the ledger does not answer", code="storage_error")

    def _active_session(self) -> ActiveSession | None:
        try:
            return self._sessions.active_session()
        except Exception as error:  # the proxy runs even if the ledger does not answer
            self._diagnostics.report("session_unknown", type(error).__name__)
            return None
