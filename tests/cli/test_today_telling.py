"""Phrases of a morning."""

from __future__ import annotations

from datetime import date
from typing import Any

from codesession.cli.today import telling
from codesession.domain.report import UsageTotals
from codesession.domain.today import Project, RepoState
from codesession.services.today.service import ProjectDay, Seen, Today
from support.sessions import make_stored


def make_today(**changes: Any) -> Today:
    values: dict[str, Any] = {
        "at_ms": 0,
        "day": date(2026, 11, 24),
        "since": date(2026, 11, 23),
        "since_ms": 0,
        "projects": (),
        "last": None,
        "spent": UsageTotals(),
        "unfinished_elsewhere": (),
        "budgets": (),
    }
    return Today(**{**values, **changes})


def day_of(number: int, path: str) -> ProjectDay:
    project = Project(id=number, path=path, name=None, added_at_ms=0)
    return ProjectDay(project=project, seen=Seen(), spent=UsageTotals(), last=None, unfinished=())


def test_the_last_working_day_is_called_as_people_do() -> None:
    """Yesterday, or its name."""
    assert telling.since(make_today()) == "yesterday"
    assert telling.since(make_today(day=date(2026, 11, 23), since=date(2026, 11, 20))) == "Friday"


def test_a_session_says_when_its_cost_is_not_all() -> None:
    """As sums do."""
    assert telling.cost(make_stored(requests=2, cost_picousd=10**12)) == "$1.00"
    assert telling.cost(make_stored(requests=2, lower_bound_requests=1, cost_picousd=10**12)) == "≥ $1.00"
    assert telling.cost(make_stored(requests=1, unpriced_requests=1)) == "no known cost"


def test_a_branch_says_how_far_it_is_from_its_upstream() -> None:
    """Nothing where both are the same; the commit where there is no branch."""
    assert telling.branch(RepoState(branch="main", head="a" * 40, ahead=0, behind=0)) == "main"
    assert telling.branch(RepoState(branch="main", head="a" * 40, ahead=2, behind=1)) == "main, 2 ahead, 1 behind"
    assert telling.branch(RepoState(branch=None, head="a" * 40)) == "detached at aaaaaaa"


def test_projects_of_one_name_are_told_apart() -> None:
    """By the folder above."""
    days = [day_of(1, "/a/shop"), day_of(2, "/b/shop"), day_of(3, "/bank")]
    assert telling.names(days) == {1: "a/shop", 2: "b/shop", 3: "bank"}


def test_long_lists_are_cut_and_counted() -> None:
    """And no name drives the terminal."""
    assert telling.some(["a", "b\x1b[2J", "c"], 2) == "a, b [2J and 1 more"
    assert telling.some(["a"], 2) == "a"
