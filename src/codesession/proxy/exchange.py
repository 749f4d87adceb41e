"""
One call on its way: request out, response back, a copy read on the side, one observation at the end.

The order of things is the point. The request is forwarded before anybody asks whose it is; a chunk is sent on
before it is read; the answer is complete at the client before the call is recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from codesession.domain.request import Observation
from codesession.errors import own_reason
from codesession.providers.batches import BatchFiles
from codesession.proxy import replies
from codesession.proxy.answer import Answer
from codesession.proxy.begun import BegunCalls
from codesession.proxy.calls import Call, family_of, find_call, unrecognised_call
from codesession.proxy.client import UpstreamClient
from codesession.proxy.config import ProxyConfig
from codesession.proxy.connection import Response, Upload, UpstreamError
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.gate import Admission, PendingCall, Refusal, Wait
from codesession.proxy.gatekeeper import GateFailedError, Gatekeeper
from codesession.proxy.headers import request_headers
from codesession.proxy.inject import ASKED, ask_for_usage, may_edit
from codesession.proxy.recorder import Recorder
from codesession.proxy.request import ClientGoneError, Request
from codesession.proxy.request_body import RequestBody
from codesession.proxy.route import Route
from codesession.proxy.sessions import Sessions
from codesession.proxy.witness import Witness

_ASK_SESSION_AFTER_S = 0.001
"""By then the request is on its way; no provider answers sooner."""

_AFTERWARDS_S = 0.005
"""How long after its answer a call is read and recorded: by then the client has it, and perhaps asked again."""

_CROWD = 5_000
"""So many calls may wait for their record before results of a batch come slower: they take memory, and runs end."""

_REFUSED = (400, 422)
"""How a server answers a field that it does not know."""

_PAUSE_S = 0.02
"""After so long a burst is over and a model is thinking of its next words."""


@dataclass(frozen=True, slots=True)
class Services:
    """What all exchanges of one proxy share."""

    config: ProxyConfig
    client: UpstreamClient
    recorder: Recorder
    sessions: Sessions
    keeper: Gatekeeper | None
    diagnostics: Diagnostics
    refuse_option: set[str] = field(default_factory=set)
    """Upstreams that refused `stream_options` and were content without."""
    begun: BegunCalls = field(default_factory=BegunCalls)
    files: BatchFiles = field(default_factory=BatchFiles)


class Exchange:
    """Carries one request. Use `run` once."""

    def __init__(self, services: Services, route: Route, request: Request) -> None:
        self._services = services
        self._route = route
        self._request = request
        self._path = route.upstream.target(route.path)
        self._call = None if route.seen else find_call(request.method, self._path, route.upstream.origin)
        self._body = RequestBody(request, services.config.buffered_body_bytes)
        self._original = b""
        self._witness: Witness | None = None
        self._pending: PendingCall | None = None
        self._admission: Admission | None = None
        self._answer: Answer | None = None
        self._upload: Upload | None = None
        self._over = False
        self._client_gone = False
        self._task: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """Relay the call and record it. Returns without an answer when the connection must be cut."""
        self._task = asyncio.current_task()
        self._request.on_gone = self._client_left
        try:
            await self._relay()
            self._over = True
            await asyncio.sleep(_AFTERWARDS_S)
        except ClientGoneError:
            self._client_gone = True
        except asyncio.CancelledError:
            if not self._client_gone:
                raise  # the server stops; what is known is recorded all the same
            if self._task is not None:
                self._task.uncancel()
        except (UpstreamError, OSError) as error:
            self._fail(error)
        finally:
            self._over = True
            self._finish()

    async def _relay(self) -> None:
        await self._body.buffer()
        injected = False
        keeper = self._services.keeper
        if self._call is not None:
            self._witness = self._new_witness(self._call)
            injected = self._call.api in ASKED and self._inject()
            if keeper and await keeper.concerns(self._call) and not await self._admitted(keeper, self._witness):
                return
        elif keeper and not await self._unrecognised_admitted(keeper):
            return
        response = await self._ask(edited=injected)
        if injected and response.status in _REFUSED:
            response, injected = await self._as_it_came(response), False
        crowded = self._is_crowded if self._call is not None and self._call.results else None
        self._answer = Answer(response, self._request, self._witness, strip_usage_chunk=injected, crowded=crowded)
        await self._answer.relay()

    def _is_crowded(self) -> bool:
        return self._services.recorder.waiting > _CROWD

    def _new_witness(self, call: Call) -> Witness:
        return Witness(
            route=self._route,
            call=call,
            base_url=self._route.upstream.origin + self._path,
            headers=self._request.first,
            body=self._body.data if self._body.whole else b"",
            sessions=self._services.sessions,
            diagnostics=self._services.diagnostics,
            at_pause=_at_pause,
            files=self._services.files,
            record=self._record,
        )

    def _inject(self) -> bool:
        """Make a chat stream report its usage; True if the body was changed."""
        if not (self._route.upstream.asks_for_usage and self._services.config.inject_usage and self._body.whole):
            return False
        if self._route.upstream.name in self._services.refuse_option or not may_edit(self._request.first):
            return False
        edited = ask_for_usage(self._body.data)
        if edited is None:
            return False
        self._original, self._body.data = self._body.data, edited
        return True

    async def _as_it_came(self, refused: Response) -> Response:
        """
        The client's own request, after ours with the option was refused.

        A server may not know `stream_options`; the client must not suffer from what it did not send. If its own
        request is accepted, this upstream is not asked again.
        """
        refused.close()
        self._body.data = self._original
        response = await self._ask(edited=False)
        if response.status < 400:
            self._services.refuse_option.add(self._route.upstream.name)
            self._services.diagnostics.report("usage_not_reported", f"{self._route.upstream.name} refuses the option")
        return response

    async def _admitted(self, keeper: Gatekeeper, witness: Witness) -> bool:
        """Ask the budget; answer the client if it says no."""
        try:
            pending = self._pending = witness.pending()
            verdict = keeper.let_go(pending) or await self._verdict(keeper, pending)
        except GateFailedError:  # that was reported
            self._services.diagnostics.count("not_asked")
            return True
        except Exception as error:  # only a budget that says stop stops a call
            self._services.diagnostics.report("budgets_not_asked", f"{own_reason(error)}; the call went on")
            return True
        if isinstance(verdict, Admission):
            self._admission = verdict
            witness.admitted(verdict)
            return True
        self._services.diagnostics.count("refused")
        self._witness = None
        replies.refused(verdict.status, verdict.message, api=self._family, code=verdict.code).send(self._request)
        return False

    async def _unrecognised_admitted(self, keeper: Gatekeeper) -> bool:
        """Ask the budget about what may be a call; nobody witnesses it."""
        if self._route.seen:
            return True
        call = unrecognised_call(self._request.method, self._path, self._route.upstream)
        if call is None or not await keeper.concerns(call):
            return True
        return await self._admitted(keeper, self._new_witness(call))

    async def _verdict(self, keeper: Gatekeeper, pending: PendingCall) -> Admission | Refusal:
        """What the budget says in the end: a call that has to wait is asked about again."""
        while True:
            asked = keeper.ask(pending)
            try:
                verdict = await asyncio.shield(asked)
            except asyncio.CancelledError:
                asked.add_done_callback(self._settle_late)
                raise
            if not isinstance(verdict, Wait):
                return verdict
            await asyncio.sleep(verdict.seconds)

    async def _ask(self, *, edited: bool) -> Response:
        self._upload = Upload()
        if self._witness is not None and not self._witness.session_asked:
            asyncio.get_running_loop().call_later(_ASK_SESSION_AFTER_S, self._witness.ask_session)
        request = self._request
        return await self._services.client.request(
            self._route.upstream,
            request.method,
            self._path + request.query,
            request_headers(request.headers, length=len(self._body.data) if edited else None),
            self._body.payload(),
            self._upload,
            chunked=b"transfer-encoding" in request.first,
        )

    def _client_left(self) -> None:
        """The client hung up before it had its whole answer, perhaps before it had sent all of its request."""
        if not self._over and self._task is not None:
            self._client_gone = True
            self._task.cancel()

    def _fail(self, error: BaseException) -> None:
        """The upstream could not be reached or broke off: 502 if there is still time to say so."""
        self._client_gone = self._client_gone or self._body.abandoned
        if self._client_gone:
            return  # the failure is the consequence
        # Messages of libraries may hold the URL, and that may hold a key: of theirs only the kind is told.
        reason = str(error) if isinstance(error, UpstreamError) else getattr(error, "strerror", None)
        where = self._route.upstream.origin
        self._services.diagnostics.report("upstream_failed", f"{where}: {reason or type(error).__name__}")
        if self._answer is None:
            replies.error(502, replies.UPSTREAM_FAILED, api=self._family).send(self._request)

    def _finish(self) -> None:
        """Let go of the upstream, and record what was seen."""
        complete = self._answer is not None and self._answer.complete
        if self._answer is not None and not complete:
            self._answer.close()
        if self._client_gone:
            self._services.diagnostics.count("client_gone")
        observation = None
        if self._witness is not None:
            observation = self._witness.observation(complete=complete, billable=self._uploaded())
        if observation is not None:
            observation = self._with_its_beginning(observation)
            self._record(observation)
        unanswered = self._answer is None and self._uploaded()
        keeper = self._services.keeper
        if keeper is None or self._admission is None:
            return
        if observation is None and unanswered:
            keeper.abandon(self._admission)
            return
        keeper.settle(self._admission, observation)
        if self._client_gone and self._pending and observation is not None and observation.response.usage is None:
            keeper.cut(self._admission, self._pending, (observation.context.duration_ms or 0) / 1000)

    def _with_its_beginning(self, observation: Observation) -> Observation:
        if self._call is not None and self._call.stored:
            return self._services.begun.fetched(observation)
        self._services.begun.made(observation)
        return observation

    def _settle_late(self, asked: asyncio.Future[Admission | Wait | Refusal]) -> None:
        """The client left while the budget was asked: what it reserved is given back."""
        if asked.exception() is None and isinstance(verdict := asked.result(), Admission) and self._services.keeper:
            self._services.keeper.settle(verdict, None)

    def _record(self, observation: Observation) -> None:
        try:
            self._services.recorder.submit(observation)
        except Exception as error:  # a recorder that breaks its word must not break the call
            self._services.diagnostics.report("not_recorded", type(error).__name__)
        else:
            self._services.diagnostics.count("recorded")

    def _uploaded(self) -> bool:
        """The upstream has the whole request, so it may have worked for it."""
        return self._upload is not None and self._upload.complete and self._body.read

    @property
    def _family(self) -> str:
        """Whose error shape the client understands."""
        return family_of(self._call.api) if self._call is not None else self._route.upstream.api


def _at_pause(callback: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(_PAUSE_S, callback)
