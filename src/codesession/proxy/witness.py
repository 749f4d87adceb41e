"""
What is known about one tracked call, and what is learnt while it passes: the source of its observation.

Nothing here may fail a call: whatever goes wrong is counted, and the call is recorded with less or not at all.
All methods run on the server's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from codesession.domain.budget import CallDemand
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.providers.base import RequestFacts
from codesession.providers.batches import BatchFiles, Told
from codesession.providers.body import ResponseReader
from codesession.providers.routes import BodyFacts
from codesession.proxy.attribution import AgentFacts, agent_facts, identifier
from codesession.proxy.calls import Call, bills, counted_beside, read_demand, read_request
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.gate import Admission, PendingCall
from codesession.proxy.headers import codings
from codesession.proxy.results import WITH_RESULTS, ResultsCopy, observed
from codesession.proxy.route import Route
from codesession.proxy.sessions import Sessions
from codesession.proxy.tap import LUMP, UNLIMITED, AtPause, Tap


class Witness:
    """Watches one call."""

    def __init__(
        self,
        *,
        route: Route,
        call: Call,
        base_url: str,
        headers: Mapping[bytes, bytes],
        body: bytes,
        sessions: Sessions,
        diagnostics: Diagnostics,
        at_pause: AtPause,
        files: BatchFiles,
        record: Callable[[Observation], None],
    ) -> None:
        self._route = route
        self._call = call
        self._base_url = base_url
        self._headers = headers
        self._body = body
        self._sessions = sessions
        self._diagnostics = diagnostics
        self._at_pause = at_pause
        self._files = files
        self._record = record
        self._started_at_ms = time.time_ns() // 1_000_000
        self._clock = time.perf_counter()
        self._session_id: int | None = None
        self.session_asked = False
        """Whether somebody has asked whose call it is."""
        self._requested: BodyFacts | None = None
        self._known: RequestFacts | None = None
        self._reservation: str | None = None
        self._tap: Tap | None = None
        self._status: int | None = None
        self._request_id: str | None = None
        self._answer_headers: Mapping[bytes, bytes] = {}
        self._agent: AgentFacts | None = None
        self._fetched: CallContext | None = None
        """What is known of every call whose result passes by."""

    def ask_session(self) -> None:
        """
        Find out whose call it is, once.

        Called while the provider works: the answer belongs to the start of the call, but must not delay it.
        """
        if self.session_asked:
            return
        self.session_asked = True
        token = self._route.session_token
        try:
            if token is None:
                self._session_id = self._sessions.default_session()
            else:
                self._session_id = self._sessions.resolve_session(token)
        except Exception as error:  # capture fails open: the call is kept as unattributed
            self._diagnostics.report("session_unknown", type(error).__name__)

    def pending(self) -> PendingCall:
        """The call as a budget sees it before it is forwarded."""
        self.ask_session()
        requested, demand = read_demand(self._body, self._headers.get(b"content-encoding", b""))
        self._requested, self._body = requested, b""
        facts = self._facts()
        return PendingCall(
            demand=CallDemand(
                provider_name=facts.billed_by(self._route.upstream.provider_name),
                api=self._call.api,
                model=facts.request_model,
                input_tokens=demand.input_tokens,
                output_tokens=requested.max_output_tokens,
                answers=requested.n,
                prompts=demand.prompts,
                cache_write=demand.cache_write,
                audio=demand.audio,
                open_ended=demand.open_ended,
                untold=self._call.untold,
                unrecognised=self._call.unrecognised,
                facts=facts.billing(
                    service_tier=_explicit(requested.service_tier),
                    speed=demand.speed,
                    inference_geo=demand.inference_geo,
                ),
            ),
            context=self._context(None),
        )

    def admitted(self, admission: Admission) -> None:
        """A budget set money aside; the ledger gives it back when it counts the call, which begins now."""
        self._reservation = admission.ticket
        if admission.at_ms is not None:
            self._started_at_ms, self._clock = admission.at_ms, time.perf_counter()

    def answered(self, status: int, headers: Mapping[bytes, bytes]) -> None:
        """The upstream's answer begins. `headers` has lower-case names."""
        self._status, self._answer_headers = status, headers
        self._request_id = identifier(headers.get(b"request-id", b"").decode("latin-1"))
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        if not self._call.results:
            self._tap = Tap(lambda: ResponseReader(self._facts(), content_type), codings(headers), self._later)
        elif status in WITH_RESULTS:
            self._tap = Tap(self._results, codings(headers), self._later, ceiling=LUMP, decoded_limit=UNLIMITED)

    def take(self, chunk: bytes) -> None:
        """Bytes of the answer, after they went to the client."""
        tap = self._tap
        if tap is not None:
            self._guarded(lambda: tap.take(chunk))

    def _results(self) -> ResultsCopy:
        return ResultsCopy(self._call, self._facts(), self._files, self._told, self._status or 0)

    def _told(self, told: Told) -> None:
        """A request of a batch whose results pass by."""
        self.ask_session()
        if self._fetched is None:
            self._fetched = self._context(None)
        self._record(observed(told, self._fetched))

    def _later(self, read: Callable[[], None]) -> None:
        self._at_pause(lambda: self._guarded(read))

    def _guarded(self, read: Callable[[], None]) -> None:
        try:
            read()
        except Exception as error:  # a reader's fault must not break the answer: it goes on unread
            self._tap = None
            self._fault(error)

    def observation(self, *, complete: bool, billable: bool) -> Observation | None:
        """
        What to record, now that the call is over.

        `complete`: the upstream ended its answer itself. `billable`: it had the whole request, so that a call
        without a readable answer still cost something: recorded as unknown, not as nothing.
        """
        self.ask_session()
        try:
            response = self._response(complete, billable)
        except Exception as error:  # a reader's fault must not break the connection: nothing is recorded
            self._fault(error)
            response = None
        if response is None:
            return None
        duration_ms = round((time.perf_counter() - self._clock) * 1000)
        return Observation(response=response, context=self._context(duration_ms))

    def _fault(self, error: Exception) -> None:
        self._diagnostics.report("reader_failed", f"{self._call.api}: {type(error).__name__}")

    def _response(self, complete: bool, billable: bool) -> ModelResponse | None:
        response = self._tap.finish(complete) if self._tap is not None else None
        refused = self._status is not None and self._status >= 400
        if (refused or self._call.stored) and (response is None or not response.parts):
            return None
        if response is None or not response.parts:
            response = counted_beside(self._call, self._answer_headers, self._facts()) or response
        if response is not None:
            return response
        if (self._call.untold or self._call.any_shape) and self._status is not None and not refused:
            return self._unknown()
        unreadable = self._tap is not None and self._tap.unreadable is not None
        if unreadable:
            self._diagnostics.count("unreadable")
        lost = unreadable or not complete
        return self._unknown() if lost and billable and not refused else None

    def _unknown(self) -> ModelResponse:
        facts = self._facts()
        return ModelResponse(
            provider_name=facts.billed_by(self._route.upstream.provider_name),
            api=self._call.api,
            request_model=facts.request_model,
            facts=facts.billing(),
            complete=False,
        )

    def _facts(self) -> RequestFacts:
        if self._known is None:
            requested = self._read_request()
            self._known = RequestFacts(
                provider_name=bills(self._call, self._route.upstream),
                api=self._call.api,
                request_model=self._call.model or requested.model,
                service_tier=requested.service_tier,
                base_url=self._base_url,
                location=self._call.location,
                completion_window=requested.completion_window,
            )
        return self._known

    def _read_request(self) -> BodyFacts:
        if self._requested is None:
            encoding = self._headers.get(b"content-encoding", b"")
            self._requested = read_request(self._body, encoding)
            self._body = b""
        return self._requested

    def _context(self, duration_ms: int | None) -> CallContext:
        agent = self._agent
        if agent is None:
            agent = self._agent = agent_facts(self._headers)
        return CallContext(
            source=Source.PROXY,
            started_at_ms=self._started_at_ms,
            duration_ms=duration_ms,
            session_id=self._session_id,
            conversation_id=agent.conversation_id,
            agent_name=self._route.agent or agent.agent_name,
            agent_version=agent.agent_version,
            subagent_id=agent.subagent_id,
            parent_subagent_id=agent.parent_subagent_id,
            prompt_id=agent.prompt_id,
            project=self._route.project or agent.project,
            status_code=self._status,
            request_id=self._request_id,
            reservation=self._reservation,
        )


def _explicit(tier: str | None) -> str | None:
    """A tier that the request insists on; `auto` leaves it to the account."""
    return None if tier is None or tier.lower() in ("auto", "default", "standard_only") else tier
