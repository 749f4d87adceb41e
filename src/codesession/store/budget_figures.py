"""The figures of one budget. Imports next to nothing: hooks and status lines read them on a bare connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from codesession.store import budget_queries as q

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

_statements: dict[tuple[str, tuple[str, ...], bool], str] = {}

Query: TypeAlias = "Callable[[str, dict[str, Any]], Sequence[Sequence[Any]]]"
"""Runs a statement with named parameters."""


def figures(
    query: Query,
    *,
    budget_id: int,
    scope: str,
    session_id: int | None,
    project: str | None,
    agent_name: str | None,
    strict: bool,
    start_ms: int | None,
    now_ms: int,
) -> dict[str, Any]:
    """
    What is spent, set aside and allowed: the fields of `domain.budget.Standing` that the ledger knows.

    A `strict` budget holds what calls that were cut may have cost beyond what is known. `start_ms` is the first moment
    of the period, None for all time; amounts in pico-dollars.
    """
    params = {
        "budget_id": budget_id,
        "session_id": session_id,
        "project": project,
        "agent_name": agent_name,
        "strict": int(strict),
        "since": start_ms,
        "window_start_ms": start_ms,
        "now": now_ms,
    }
    meant, dated = _meant(scope, agent_name), start_ms is not None
    ((*found, until),) = query(_statement(scope, meant, dated), params)
    dollars, rest, unpriced, lower_bound, extra, held, held_rest, calls_held, aside, aside_rest, calls = map(int, found)
    return {
        "spent_picousd": dollars * q.PICO + rest,
        "reserved_picousd": aside * q.PICO + aside_rest,
        "calls_under_way": calls,
        "held_picousd": held * q.PICO + held_rest,
        "calls_held": calls_held,
        "unpriced_requests": unpriced,
        "lower_bound_requests": lower_bound,
        "extra_picousd": extra,
        "paused_until_ms": None if until is None else int(until),
    }


def _statement(scope: str, meant: tuple[str, ...], dated: bool) -> str:
    """Put together once for each kind of budget: every call asks for it."""
    kind = (scope, meant, dated)
    if kind not in _statements:
        _statements[kind] = q.figures(scope, *meant, since=dated)
    return _statements[kind]


def _meant(scope: str, agent_name: str | None) -> tuple[str, ...]:
    """The columns that tell a budget's calls from others."""
    if scope == "session":
        return ("session_id",)
    by_project = ("project",) if scope == "project" else ()
    return by_project + (("agent_name",) if agent_name is not None else ())
