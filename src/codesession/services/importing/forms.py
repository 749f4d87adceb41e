"""
Calls of one file made ready by form, as far as they are alike.

Most calls of a log differ from the one before in their counts, time and ids alone: model, agent, project and what
decides the price stay. For these a form is filled in; whatever has no form is priced and made ready one by one, with
the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from codesession.domain.billing import counts_of, frame, plain_part
from codesession.domain.ids import uuid7
from codesession.domain.imports import OwnFacts
from codesession.domain.sighting import Sighting, rank_frame
from codesession.services.recording import kind_of

if TYPE_CHECKING:
    from codesession.domain.pricing import Cost
    from codesession.domain.request import ModelRequest
    from codesession.prices.sheet import Offer, Sheet
    from codesession.services.recording import Costs
    from codesession.store.base_imports import ImportStore

_MOST = 512
"""Forms kept at a time: a file with more kinds of calls than that has no kinds."""
_context_kind = attrgetter(
    *("source._value_", "duration_ms", "session_id", "conversation_id", "agent_name", "agent_version", "subagent_id"),
    *("parent_subagent_id", "git_branch", "project"),
)
RowOf = Callable[[Sighting, "Cost"], "ModelRequest"]


class Forms:
    """The forms of one file."""

    def __init__(self, costs: Costs, store: ImportStore, row_of: RowOf) -> None:
        self._costs = costs
        self._store = store
        self._row_of = row_of
        self._forms: dict[object, _Form | None] = {}

    def fill(self, sighting: Sighting, first_ms: int) -> tuple[Any, ...] | None:
        """
        A call as the ledger wants it; None when there is no form for it.

        `first_ms` is the time of the file's first line.
        """
        observation = sighting.observation
        response, context = observation.response, observation.context
        if not response.response_id or len(response.parts) != 1 or context.reservation is not None:
            return None
        claim = sighting.claim._value_
        kind = (kind_of(response), _context_kind(context), claim, sighting.ids_may_clash, first_ms)
        form = self._forms.get(kind, _UNKNOWN)
        if form is _UNKNOWN:
            if len(self._forms) >= _MOST:
                self._forms.clear()
            offer = self._costs.offer(response)
            form = self._forms[kind] = None if offer is None else _Form(self, offer, sighting, first_ms)
        return None if form is None else form.fill(sighting)

    def filler(self, sighting: Sighting, sheet: Sheet) -> Callable[[OwnFacts], tuple[Any, ...]]:
        """What prepares calls like this one at these prices."""
        return self._store.form(self._row_of(sighting, sheet.blank), ids_may_clash=sighting.ids_may_clash)


class _Form:
    """What calls of one kind have in common."""

    def __init__(self, forms: Forms, offer: Offer, like: Sighting, first_ms: int) -> None:
        self._forms = forms
        self._offer = offer
        self._claim, self._owner = rank_frame(like, first_ms)
        self._sheet: Sheet | None = None

    def fill(self, sighting: Sighting) -> tuple[Any, ...] | None:
        response, context = sighting.observation.response, sighting.observation.context
        part = response.parts[0]
        if part.kind != "message" or part.model is not None:
            return None
        counts = counts_of(part.usage)
        at_ms = context.started_at_ms
        sheet = self._offer.sheet(counts[0], at_ms)
        billed = None if sheet is None else sheet.bill(counts)
        if sheet is None or billed is None:
            return None
        if sheet is not self._sheet:
            self._sheet = sheet
            self._before, self._between, self._after = frame(response, sheet.blank)
            self._prepared = self._forms.filler(sighting, sheet)
        cost_picousd, lines = billed
        own = OwnFacts(
            uuid7(at_ms),
            response.response_id or "",
            at_ms,
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            counts[8],
            counts[9],
            cost_picousd,
            f"{self._before}{plain_part(counts)}{self._between}{lines}{self._after}",
            context.prompt_id,
            sighting.request_id,
            f"{self._claim}{max(0, at_ms):014d}{self._owner}",
        )
        return self._prepared(own)


_UNKNOWN: Any = object()
"""Stands for the form of a kind that was not seen yet."""
