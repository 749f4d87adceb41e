"""
Calls of one file made ready by form, as far as they are alike.

Most calls of a log differ from the one before in their counts, time and ids alone: model, agent, project and what
decides the price stay. For these a form is filled in; whatever has no form is priced and made ready one by one, with
the same result. What does not depend on the file is found once for all files.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from codesession.domain.billing import frame
from codesession.domain.facts import NamedTuple
from codesession.domain.ids import uuid7
from codesession.domain.imports import OwnFacts
from codesession.domain.plain import PlainCall, plain_counts, plain_part
from codesession.domain.sighting import Sighting, rank_frame, said_mark
from codesession.services.recording import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.pricing import Cost
    from codesession.domain.request import ModelRequest
    from codesession.prices.sheet import Offer, Sheet
    from codesession.services.recording import Costs
    from codesession.store.base_imports import Form, ImportStore

_MOST = 512
"""Forms kept at a time: a file with more kinds of calls than that has no kinds."""
_context_kind = attrgetter(
    *("source._value_", "duration_ms", "session_id", "agent_name", "agent_version", "subagent_id"),
    *("parent_subagent_id", "git_branch", "project"),
)
"""All that is alike of contexts, but the conversation."""
RowOf = Callable[[Sighting, "Cost"], "ModelRequest"]


class _Layout(NamedTuple):
    """What calls of one kind at the same prices have in common."""

    before: str
    between: str
    after: str
    prepare: Form


class Layouts:
    """Layouts of the files that one `Reading` reads."""

    def __init__(self, store: ImportStore) -> None:
        self._store = store
        self._known: dict[object, tuple[Sheet, _Layout]] = {}

    def of(self, kind: object, like: Sighting, sheet: Sheet, row_of: RowOf) -> _Layout:
        """The layout of a call's kind at these prices, as some file had it first."""
        key = (kind, id(sheet))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            form = self._store.form(row_of(like, sheet.blank), ids_may_clash=like.ids_may_clash)
            layout = _Layout(*frame(like.observation.response, sheet.blank), form)
            found = self._known[key] = sheet, layout
        return found[1]


class FileLayouts:
    """The same as one file has them. It knows nothing of the forms that ask it: circles would outlive their file."""

    def __init__(self, layouts: Layouts, row_of: RowOf, *, import_id: int | None, conversation_id: str) -> None:
        self._layouts = layouts
        self._row_of = row_of
        self._import_id = import_id
        self._conversation_id = conversation_id
        """Of calls that do not name theirs."""

    def of(self, kind: object, like: Sighting, sheet: Sheet) -> _Layout:
        """How calls of a kind are made ready in this file."""
        layout = self._layouts.of(kind, like, sheet, self._row_of)
        conversation_id = like.observation.context.conversation_id or self._conversation_id
        return layout._replace(prepare=layout.prepare.elsewhere(conversation_id, self._import_id))


class Forms:
    """The forms of one file."""

    def __init__(self, costs: Costs, layouts: FileLayouts) -> None:
        self._costs = costs
        self._layouts = layouts
        self._forms: dict[object, _FileForm | None] = {}
        self._by_like: dict[tuple[int, int], tuple[Sighting, _FileForm | None]] = {}

    def fill(self, sighting: Sighting, first_ms: int) -> tuple[Any, ...] | None:
        """
        A call as the ledger wants it; None when there is no form for it.

        `first_ms` is the time of the file's first line.
        """
        response, context = sighting.observation.response, sighting.observation.context
        form = self._form(sighting, first_ms)
        counts = plain_counts(response.parts[0].usage) if form is not None else None
        if form is None or counts is None or not response.response_id:
            return None
        own = (sighting, response.response_id, context.started_at_ms, counts, context.prompt_id, sighting.request_id)
        return form.fill(PlainCall(*own, sighting.lines, sighting.said_after_ms))

    def fill_plain(self, call: PlainCall, first_ms: int) -> tuple[Any, ...] | None:
        """The same for a call whose kind the file has shown before, as a rule."""
        key = (id(call.like), first_ms)
        known = self._by_like.get(key)
        if known is None:
            if len(self._by_like) >= _MOST:
                self._by_like.clear()
            known = self._by_like[key] = call.like, self._form(call.like, first_ms)
        form = known[1]
        return None if form is None else form.fill(call)

    def _form(self, like: Sighting, first_ms: int) -> _FileForm | None:
        response, context = like.observation.response, like.observation.context
        if len(response.parts) != 1 or context.reservation is not None or like.log_key is not None:
            return None
        part = response.parts[0]
        if part.kind != "message" or part.model is not None:
            return None
        kind = (kind_of(response), _context_kind(context), like.ids_may_clash)
        key = (kind, context.conversation_id, like.claim._value_, like.copied_by, first_ms)
        if key not in self._forms:
            if len(self._forms) >= _MOST:
                self._forms.clear()
            offer = self._costs.offer(response)
            self._forms[key] = None if offer is None else _FileForm(self._layouts, kind, offer, like, first_ms)
        return self._forms[key]


class _FileForm:
    """What calls of one kind have in common in one file."""

    def __init__(self, layouts: FileLayouts, kind: object, offer: Offer, like: Sighting, first_ms: int) -> None:
        self._layouts = layouts
        self._kind = kind
        self._like = like
        self._sheet_of = offer.sheet
        self._claim, self._owner = rank_frame(like, first_ms)
        self._by_sheet: dict[int, _Layout] = {}
        """By identity of the sheet, which lives as long as the offer."""

    def fill(self, call: PlainCall) -> tuple[Any, ...] | None:
        """A call made ready; None where it takes the engine to say what it costs."""
        _, response_id, at_ms, counts, prompt_id, request_id, _, said_after_ms = call
        sheet = self._sheet_of(counts[0], at_ms)
        billed = None if sheet is None else sheet.bill(counts)
        if sheet is None or billed is None:
            return None
        layout = self._by_sheet.get(id(sheet))
        if layout is None:
            layout = self._by_sheet[id(sheet)] = self._layouts.of(self._kind, self._like, sheet)
        before, between, after, prepare = layout
        cost_picousd, lines = billed
        return prepare(
            OwnFacts(
                uuid7(at_ms),
                response_id,
                at_ms,
                *counts,
                cost_picousd,
                f"{before}{plain_part(counts)}{between}{lines}{after}",
                prompt_id,
                request_id,
                f"{self._claim}{max(0, at_ms):014d}{self._owner}{said_mark(said_after_ms) if said_after_ms else ''}",
            )
        )
