"""
What reports ask of a ledger.

Everything over time comes from the rollups, everything by session from the sessions' own counters and from what is
counted of each session's use; only calls of no session, those of sub-agents by time and the newest ones are read one
by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from codesession.domain.facts import NamedTuple
from codesession.domain.imports import AgentTotal
from codesession.domain.report import (
    CallFilter,
    Dimension,
    SessionPage,
    SessionQuery,
    SessionUse,
    Span,
    UsageCell,
)
from codesession.domain.request import ModelRequest


class Use(NamedTuple):
    """What a conversation used."""

    requests: int
    first_ms: int | None
    input_tokens: int
    output_tokens: int
    cost_picousd: int


class ReportStore(Protocol):
    """Read-only questions; each sees one state of the ledger. They raise `StorageError`."""

    def extent(self) -> Span | None:
        """From the first to behind the last quarter of an hour with a call; None for an empty ledger."""

    def usage(
        self,
        span: Span,
        *,
        by: Sequence[Dimension] = (),
        slot_ms: int | None = None,
        offset_ms: int = 0,
        where: CallFilter,
    ) -> list[UsageCell]:
        """
        Sums of a span that begins and ends on a quarter of an hour, by dimensions and by slots of local time.

        `slot_ms` is the width of a slot, None for no cut in time; `offset_ms` takes UTC to local time.
        """

    def subagent_usage(
        self,
        span: Span,
        *,
        by: Sequence[Dimension] = (),
        slot_ms: int | None = None,
        offset_ms: int = 0,
        where: CallFilter,
    ) -> list[UsageCell]:
        """The same sums of the calls that sub-agents made."""

    def first_bucket_ms(self, span: Span, *, where: CallFilter) -> int | None:
        """The first quarter of an hour of a span that has a call."""

    def first_call_ms(self, span: Span, *, where: CallFilter) -> int | None:
        """When the first call of a span began."""

    def session_page(self, query: SessionQuery) -> SessionPage:
        """The sessions asked for, how many match, and their sum."""

    def session_uses(self, session_ids: Sequence[int], *, where: CallFilter) -> list[SessionUse]:
        """What sessions used, by model, agent, conversation and whether a sub-agent did; no project in `where`."""

    def unattributed_uses(
        self, *, where: CallFilter, since_ms: int | None = None, until_ms: int | None = None
    ) -> list[SessionUse]:
        """The same of calls that belong to no session."""

    def agent_totals(self, *, since_ms: int, until_ms: int) -> list[AgentTotal]:
        """What agents themselves said last of conversations, in a time that begins there and ends before."""

    def conversation_use(self, agent_name: str, conversation_id: str, *, since_ms: int, until_ms: int) -> Use:
        """The calls of an agent's conversation from one moment to another, both included."""

    def newest_calls(self, *, limit: int) -> list[ModelRequest]:
        """The calls that began last, whenever they were recorded; newest first."""

    def spending(self, *, since_ms: int) -> list[tuple[int, int]]:
        """(time, pico-dollars) of priced calls that began since then."""
