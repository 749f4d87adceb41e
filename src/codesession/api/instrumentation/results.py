"""Results of a batch that the program fetches: each request that succeeded is a call of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from codesession.api.core import Recorded, SessionCore
from codesession.providers.base import RequestFacts
from codesession.providers.batches import BatchFiles, Told
from codesession.proxy.results import WITH_RESULTS, ResultsCopy, observed

if TYPE_CHECKING:
    from codesession.domain.request import Observation
    from codesession.providers.routes import Route

_AT_ONCE = 500
"""Calls recorded in one transaction."""
_PATIENCE_S = 1.0
"""How long the end of the results waits for their record: then it is written later."""

_files = BatchFiles()


class FetchedResults:
    """Watches one answer; looks like a `ModelCall` to clients. Nobody pays for fetching, so no budget is asked."""

    edited_body: bytes | None = None

    def __init__(self, core: SessionCore, route: Route, url: str, maker: str | None, proxied_url: str | None) -> None:
        self._core = core
        self._route = route
        self._request = RequestFacts(
            provider_name=route.provider_name or maker, api=route.api, base_url=url.partition("?")[0]
        )
        self.proxied_url = proxied_url
        self._context = core.context()
        self._copy: ResultsCopy | None = None
        self._told: list[Observation] = []
        self._writes: list[Future[list[Recorded]]] = []

    def admit(self) -> None:
        """It may be fetched."""

    async def admit_async(self) -> None:
        """It may be fetched."""

    def answered(self, status: int, _content_type: str | None) -> None:
        """The answer begins."""
        if status in WITH_RESULTS and self.proxied_url is None:
            self._copy = ResultsCopy(self._route, self._request, _files, self._tell, status)

    def take(self, chunk: bytes) -> bytes:
        """Bytes of the answer; returns them."""
        if self._copy is not None:
            try:
                self._copy.feed(chunk)
            except Exception as error:  # a reader's fault must not break the answer: it goes on unread
                self._copy = None
                self._core.trouble(error)
        return chunk

    def rest(self) -> bytes:
        """Nothing is held back."""
        return b""

    def finish(self, *, complete: bool) -> None:
        """The answer is over; the first word counts."""
        wait(self._all_written(complete), timeout=_PATIENCE_S)
        self._tell_program()

    async def finish_async(self, *, complete: bool) -> None:
        """The same for an event loop."""
        if written := self._all_written(complete):
            done, _ = await asyncio.wait([asyncio.wrap_future(each) for each in written], timeout=_PATIENCE_S)
            for each in done:
                each.exception()  # told below
        self._tell_program()

    def unsent(self) -> None:
        """Nobody was asked."""

    def _tell(self, told: Told) -> None:
        self._told.append(observed(told, self._context))
        if len(self._told) >= _AT_ONCE:
            self._keep()

    def _all_written(self, complete: bool) -> list[Future[list[Recorded]]]:
        copy, self._copy = self._copy, None
        if copy is not None:
            try:
                copy.finish(complete)
            except Exception as error:  # a reader's fault: what was read before it counts
                self._core.trouble(error)
        self._keep()
        return self._writes

    def _keep(self) -> None:
        told, self._told = self._told, []
        if told:
            self._writes.append(self._core.worker.ask(lambda app: self._core.keep_all(app, told)))

    def _tell_program(self) -> None:
        """What is recorded by now; trouble that comes later is told when it comes."""
        writes, self._writes = self._writes, []
        for written in writes:
            if not written.done():
                written.add_done_callback(self._written_late)
            elif (error := written.exception()) is not None:
                self._core.trouble(error)
            else:
                for recorded in written.result():
                    self._core.told(recorded)

    def _written_late(self, written: Future[list[Recorded]]) -> None:
        if (error := written.exception()) is not None:
            self._core.trouble(error)
