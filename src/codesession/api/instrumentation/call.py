"""One model call of the program: asked of the budgets, watched while it passes, recorded."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import urlsplit

from codesession.api.core import Recorded, SessionCore
from codesession.api.current import current
from codesession.api.instrumentation.refusing import refuse
from codesession.api.instrumentation.results import FetchedResults
from codesession.app import now_ms
from codesession.domain.budget import CallDemand, Decision
from codesession.domain.request import Observation
from codesession.domain.usage import ModelResponse
from codesession.errors import BudgetExceededError
from codesession.providers.base import RequestFacts
from codesession.providers.body import ResponseReader
from codesession.proxy.calls import find_call, read_demand
from codesession.proxy.inject import ASKED, ask_for_usage
from codesession.proxy.usage_chunk import UsageChunkFilter
from codesession.services.budgets.refusing import why
from codesession.services.budgets.service import exceeded

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.providers.routes import Route
    from codesession.services.budgets.service import Ruling

R = TypeVar("R")

_ASK_AGAIN_S = 0.1
"""Pause of a call that waits for others to settle."""
_PATIENCE_S = 1.0
"""How long a finished call waits for its record: then it is written later."""
MAX_BODY = 64 * 1024 * 1024

_AT_HOME = (("mistral", "mistral"),)
"""Marks in a User-Agent of SDKs that speak somebody else's wire format, to who bills."""

_OPEN_TIERS = ("auto", "default", "standard_only")
"""Tiers that leave it to the account."""

_inside: ContextVar[bool] = ContextVar("codesession_inside_call", default=False)
"""A client that sends through another client makes one call, not two."""


def begin(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Watched | None:
    """The call that a request is; None when it is none, or is made outside a session. `body` None: not at hand."""
    if method not in ("POST", "GET") or _inside.get() or (core := current()) is None or core.session is None:
        return None
    try:
        parts = urlsplit(url)
        route = find_call(method, parts.path, f"{parts.scheme}://{parts.netloc}")
        if route is not None and route.results:
            maker = _maker(headers.get("user-agent", ""))
            return FetchedResults(core, route, url, maker, _through_our_proxy(url, core))
        return None if route is None or route.stored else ModelCall(core, route, url, headers, body)
    except Exception as error:  # whatever it is: the call goes on unwatched
        core.trouble(error)
        return None


class ModelCall:
    """Watches one call. Methods in pairs: one for programs that wait, one for event loops."""

    def __init__(
        self, core: SessionCore, route: Route, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        self._core = core
        readable = b"" if body is None or len(body) > MAX_BODY else body
        asked, demand = read_demand(readable, headers.get("content-encoding", "").encode())
        self._request = RequestFacts(
            provider_name=route.provider_name or _maker(headers.get("user-agent", "")),
            api=route.api,
            request_model=asked.model or route.model,
            service_tier=asked.service_tier,
            base_url=url.partition("?")[0],
            location=route.location,
            completion_window=asked.completion_window,
        )
        self._uncounted = route.untold or route.any_shape
        """Without a usage in its answer it is a call all the same."""
        home = route.api.partition(".")[0].replace("gemini", "google")
        tier = None if (asked.service_tier or "auto").lower() in _OPEN_TIERS else asked.service_tier
        self._demand = CallDemand(
            provider_name=self._request.billed_by(home),
            api=route.api,
            model=self._request.request_model,
            input_tokens=demand.input_tokens,
            output_tokens=asked.max_output_tokens,
            answers=asked.n,
            prompts=demand.prompts,
            cache_write=demand.cache_write,
            audio=demand.audio,
            open_ended=demand.open_ended,
            untold=route.untold,
            facts=self._request.billing(service_tier=tier, speed=demand.speed, inference_geo=demand.inference_geo),
        )
        self.proxied_url = _through_our_proxy(url, core)
        """Under `cs run`: the same place, where the proxy counts for this session; None elsewhere."""
        edited = ask_for_usage(readable) if route.api in ASKED and self.proxied_url is None else None
        self.edited_body = edited
        """The request with the option that makes a stream tell its usage; None: send it as it is."""
        self._filter = None if edited is None else UsageChunkFilter()
        self._reader: ResponseReader | None = None
        self._status: int | None = None
        self._reservation: str | None = None
        self._started_at_ms = now_ms()
        self._clock = time.perf_counter()
        self._over = False

    # before: may it be made?

    def admit(self) -> None:
        """Raise `BudgetExceededError` when a budget says stop; waits while it may still fit."""
        try:
            with self._core.guarded():
                while not self._ruled(self._core.worker.run(self._rule)):
                    time.sleep(_ASK_AGAIN_S)
        except BudgetExceededError as error:
            raise refuse(error) from None

    async def admit_async(self) -> None:
        """The same for an event loop."""
        try:
            with self._core.guarded():
                while not self._ruled(await asyncio.wrap_future(self._core.worker.ask(self._rule))):
                    await asyncio.sleep(_ASK_AGAIN_S)
        except BudgetExceededError as error:
            raise refuse(error) from None

    def _rule(self, app: App) -> Ruling | None:
        if self.proxied_url is not None:
            self._core.ensure(app)
            return None  # the proxy sets the money aside
        return self._core.rule(app, self._demand, now_ms())

    def _ruled(self, ruling: Ruling | None) -> bool:
        """Whether it may be made; False: ask again."""
        if ruling is None or ruling.decision is Decision.GO:
            self._reservation = None if ruling is None else ruling.reservation
            return True
        if ruling.decision is Decision.WAIT:
            return False
        raise _error_of(ruling)

    # meanwhile: what is answered?

    def answered(self, status: int, content_type: str | None) -> None:
        """The answer begins."""
        self._status = status
        self._reader = ResponseReader(self._request, content_type)
        if status >= 400:
            self._filter = None

    def take(self, chunk: bytes) -> bytes:
        """Bytes of the answer; returns those that the program asked for."""
        if self._reader is not None:
            try:
                self._reader.feed(chunk)
            except Exception as error:  # a reader's fault must not break the answer: it goes on unread
                self._reader = None
                self._core.trouble(error)
        return chunk if self._filter is None else self._filter.feed(chunk)

    def rest(self) -> bytes:
        """What was held back and belongs to the program, at the end of the answer."""
        return b"" if self._filter is None else self._filter.finish()

    # after: record it

    def finish(self, *, complete: bool) -> None:
        """The answer is over; the first word counts."""
        if (written := self._write(complete)) is None:
            return
        try:
            self._core.told(written.result(_PATIENCE_S))
        except TimeoutError:
            written.add_done_callback(self._written_late)
        except Exception as error:  # the call itself is fine
            self._core.trouble(error)

    async def finish_async(self, *, complete: bool) -> None:
        """The same for an event loop."""
        if (written := self._write(complete)) is None:
            return
        waiting = asyncio.wrap_future(written)
        done, _ = await asyncio.wait([waiting], timeout=_PATIENCE_S)
        if not done:
            written.add_done_callback(self._written_late)
        elif (error := waiting.exception()) is not None:
            self._core.trouble(error)
        else:
            self._core.told(waiting.result())

    def unsent(self) -> None:
        """Nobody can have worked for it."""
        if not self._over:
            self._give_back()
        self._over = True

    def _written_late(self, written: Future[Recorded | None]) -> None:
        if (error := written.exception()) is not None:
            self._core.trouble(error)

    def _write(self, complete: bool) -> Future[Recorded | None] | None:
        if self._over:
            return None
        self._over = True
        if self.proxied_url is not None:
            self._core.worker.ask(self._core.refresh)
            return None  # recorded by the proxy
        response = self._understood(complete)
        if response is None:
            self._give_back()
            return None
        context = replace(
            self._core.context(started_at_ms=self._started_at_ms),
            duration_ms=round((time.perf_counter() - self._clock) * 1000),
            status_code=self._status,
            reservation=self._reservation,
        )
        observation = Observation(response=response, context=context)
        return self._core.worker.ask(lambda app: self._core.keep(app, observation))

    def _understood(self, complete: bool) -> ModelResponse | None:
        response = None
        try:
            response = self._reader.finish(complete) if self._reader is not None else None
        except Exception as error:  # a reader's fault: the call is kept with what is known
            self._core.trouble(error)
        refused = self._status is not None and self._status >= 400
        if refused and (response is None or not response.parts):
            return None
        if response is not None or (complete and self._reader is not None and not self._uncounted):
            return response
        return ModelResponse(
            provider_name=self._demand.provider_name,
            api=self._demand.api,
            request_model=self._request.request_model,
            facts=self._request.billing(),
            complete=False,
        )

    def _give_back(self) -> None:
        reservation = self._reservation
        if reservation is not None:
            self._core.worker.ask(lambda app: app.budgets.release(reservation))


Watched: TypeAlias = ModelCall | FetchedResults


def _error_of(ruling: Ruling) -> BudgetExceededError:
    """The refusal; where something is left, why the call does not fit."""
    assert ruling.standing is not None  # noqa: S101 - a stop names the budget that says it
    error = exceeded(ruling.standing)
    if not ruling.standing.is_exhausted and ruling.estimate is not None:
        error.message = why(ruling)
        error.args = (error.message,)
    return error


def _maker(user_agent: str) -> str | None:
    return next((maker for mark, maker in _AT_HOME if mark in user_agent.lower()), None)


def _through_our_proxy(url: str, core: SessionCore) -> str | None:
    """Where a call under `cs run` goes when it is for this session and not for the run's."""
    number = os.environ.get("CODESESSION_SESSION_ID", "")
    if core.session is None or not number.isdigit():
        return None
    ours = re.match(rf"(http://127\.0\.0\.1:\d+/s/){number}(/.*)", url)
    return f"{ours[1]}{core.session.id}{ours[2]}" if ours else None


def calling(send: Callable[[], R]) -> R:
    """Send a watched request; what is sent on the way belongs to it."""
    token = _inside.set(True)
    try:
        return send()
    finally:
        _inside.reset(token)


async def calling_async(send: Awaitable[R]) -> R:
    """The same for an event loop."""
    token = _inside.set(True)
    try:
        return await send
    finally:
        _inside.reset(token)
