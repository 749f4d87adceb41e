"""What each source of usage saw, and what only one of them did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from codesession.domain.report import Share, UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One source's part of the ledger. Calls are matched by the provider's id of the response."""

    source: str
    seen: UsageTotals
    only: UsageTotals
    """What no other source has seen."""
    only_models: tuple[Share, ...]
    """`only` by model, dearest first."""
    only_agents: tuple[Share, ...]
    """`only` by agent, dearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of what one source saw another knows too."""

    by: str
    of: str
    both: UsageTotals
    whole: UsageTotals

    @property
    def in_dollars(self) -> bool:
        """Whether `share` compares dollars; calls where the whole has no known cost."""
        return self.whole.cost_picousd > 0

    @property
    def share(self) -> Decimal:
        """From 0 to 1."""
        if self.in_dollars:
            return Decimal(self.both.cost_picousd) / self.whole.cost_picousd
        return Decimal(self.both.requests) / self.whole.requests


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentClaim:
    """What an agent itself says that conversations used, and what the ledger knows of them."""

    agent_name: str
    conversation_id: str
    said: UsageTotals
    """Without a number of calls: agents do not say it. The cost is by the agent's own price table."""
    known: UsageTotals

    @property
    def share(self) -> Decimal | None:
        """How much of the tokens the ledger explains, from 0; None where the agent says there were none."""
        said = self.said.total_tokens
        return Decimal(self.known.total_tokens) / said if said else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Every source against every other."""

    timezone: str
    since: date | None
    until: date | None
    totals: UsageTotals
    """Of all calls, each counted once."""
    sources: tuple[SourceView, ...]
    """The one that saw most first."""
    coverages: tuple[Coverage, ...]
    """Pairs that have a call in common, and log against proxy whenever both are there."""
    claims: tuple[AgentClaim, ...] = ()
    """Conversations whose agent keeps a total of its own, the one with the largest gap first."""
