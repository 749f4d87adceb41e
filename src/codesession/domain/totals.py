"""Sums over calls and sessions."""

from __future__ import annotations

from dataclasses import dataclass

from codesession.domain.money import CostSum


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStats(CostSum):
    """Totals over completed sessions."""

    sessions: int
    duration_ms: int
    files_changed: int
    commits: int
    cost_picousd: int
    total_tokens: int
    requests: int
    unpriced_requests: int
    lower_bound_requests: int
    list_price_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTotal(CostSum):
    """What one model cost a session."""

    provider_name: str
    model: str
    requests: int
    total_tokens: int
    cost_picousd: int
    unpriced_requests: int
    lower_bound_requests: int = 0
    list_price_requests: int = 0
