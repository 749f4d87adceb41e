"""The figures of one budget. Imports next to nothing: hooks and status lines read them on a bare connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from codesession.store import budget_queries as q

Query = Callable[[str, dict[str, Any]], Sequence[Sequence[Any]]]
"""Runs a statement with named parameters."""


def figures(
    query: Query,
    *,
    budget_id: int,
    scope: str,
    session_id: int | None,
    project: str | None,
    agent_name: str | None,
    start_ms: int | None,
    now_ms: int,
) -> dict[str, Any]:
    """
    What is spent, set aside and allowed: the fields of `domain.budget.Standing` that the ledger knows.

    `start_ms` is the first moment of the period, None for all time; amounts in pico-dollars.
    """
    params = {
        "budget_id": budget_id,
        "session_id": session_id,
        "project": project,
        "agent_name": agent_name,
        "since": start_ms,
        "window_start_ms": start_ms,
        "now": now_ms,
    }
    meant, dated = _meant(scope, agent_name), start_ms is not None
    spent = query(q.SPENT_BY_SESSION, params) if scope == "session" else query(q.spent(*meant, since=dated), params)
    dollars, rest, unpriced = spent[0] if spent else (0, 0, 0)
    ((extra, until),) = query(q.ALLOWANCES, params)
    aside = {0: (0, 0), 1: (0, 0)}
    for under_way, whole, part, calls in query(q.reserved(*meant, since=dated), params):
        aside[int(under_way)] = (int(whole) * q.PICO + int(part), int(calls))
    return {
        "spent_picousd": int(dollars) * q.PICO + int(rest),
        "reserved_picousd": aside[1][0],
        "calls_under_way": aside[1][1],
        "held_picousd": aside[0][0],
        "calls_held": aside[0][1],
        "unpriced_requests": int(unpriced),
        "extra_picousd": int(extra),
        "paused_until_ms": None if until is None else int(until),
    }


def _meant(scope: str, agent_name: str | None) -> tuple[str, ...]:
    """The columns that tell a budget's calls from others."""
    if scope == "session":
        return ("session_id",)
    by_project = ("project",) if scope == "project" else ()
    return by_project + (("agent_name",) if agent_name is not None else ())
