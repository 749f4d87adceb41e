"""What a session can be told when it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from codesession.domain.money import dollars, to_picousd

Usd = int | float | Decimal | str
"""Dollars; a float means the decimal it is written as: 0.1 is ten cents, exactly."""


class SessionConfig(TypedDict, total=False):
    """Keywords of `track`, `AgentSession` and `run_agent_session`."""

    budget: Usd | None
    """What the session may cost."""
    strict: bool
    """Only calls that fit into the budget for certain; otherwise the last one may go beyond it."""
    directory: str | Path | None
    """Whose repository it is about; default: the working directory."""
    git: bool
    """False: do not look at the repository at all."""
    agent: str | None
    """The name calls are recorded under; default: CODESESSION_AGENT_NAME."""
    on_budget_exceeded: Callable[[float, float], object] | None
    """Called with (spent, budget) before `BudgetExceededError` is raised."""
    on_ai_usage: Callable[[float | None, float, str], object] | None
    """Called with (cost, session's cost, model) for every call recorded; cost None: not known."""
    on_file_change: Callable[[str, str], object] | None
    """Called with (path, "created"|"modified"|"deleted") from a thread of ours, as it happens."""
    metadata: Mapping[str, Any] | None
    """Yours; comes back in the summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """`SessionConfig` with its defaults."""

    budget: Usd | None = None
    strict: bool = False
    directory: str | Path | None = None
    git: bool = True
    agent: str | None = None
    on_budget_exceeded: Callable[[float, float], object] | None = None
    on_ai_usage: Callable[[float | None, float, str], object] | None = None
    on_file_change: Callable[[str, str], object] | None = None
    metadata: Mapping[str, Any] | None = None

    @property
    def budget_picousd(self) -> int | None:
        """The budget as the ledger keeps it."""
        return None if self.budget is None else to_picousd(dollars(self.budget))
