"""Phrases that all ways of telling a morning share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from codesession.cli.output import plain
from codesession.domain.budget import Standing
from codesession.domain.money import format_at_least, format_usd

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.domain.today import RepoState, Todo
    from codesession.services.today.service import ProjectDay, Today

_REVIEWS = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested", "REVIEW_REQUIRED": "needs review"}


def since(today: Today) -> str:
    """`yesterday`, `Friday`: the last working day as people say it."""
    return "yesterday" if (today.day - today.since).days == 1 else f"{today.since:%A}"


def cost(session: Session) -> str:
    """What a session cost, with a mark when the true cost is higher."""
    return "no known cost" if session.known_cost_picousd is None else session.cost_text()


def branch(state: RepoState) -> str:
    """`main`, `main, 2 ahead, 1 behind`, `detached at 1a2b3c4`"""
    if state.branch is None:
        return f"detached at {state.head[:7] if state.head else 'nothing'}"
    parts = [plain(state.branch)]
    if state.ahead:
        parts.append(f"{state.ahead} ahead")
    if state.behind:
        parts.append(f"{state.behind} behind")
    return ", ".join(parts)


def open_work(state: RepoState) -> str:
    """`1 in conflict, 2 staged, 3 changed, 1 untracked`; empty for a clean work tree."""
    kinds = (
        (state.conflicted, "in conflict"),
        (state.staged, "staged"),
        (state.changed, "changed"),
        (state.untracked, "untracked"),
    )
    return ", ".join(f"{len(paths):,} {what}" for paths, what in kinds if paths)


def some(texts: Sequence[str], most: int) -> str:
    """The first of them in one line, and how many more there are."""
    shown = ", ".join(plain(text) for text in texts[:most])
    return shown if len(texts) <= most else f"{shown} and {len(texts) - most:,} more"


def todo(found: Todo) -> str:
    """`src/a.py:12 TODO mend the clock`"""
    return plain(f"{found.file}:{found.line} {found.kind} {found.text}").rstrip()


def review(state: str | None, *, draft: bool) -> str:
    """`draft`, `approved`; empty where nobody said anything."""
    return "draft" if draft else _REVIEWS.get(state or "", "")


def budget(standing: Standing) -> str:
    """`repo week: $18.20 of $20.00 used (91%)`"""
    used, limit = standing.used_picousd, standing.limit_picousd
    percent = f" ({used * 100 // limit}%)" if limit > 0 else ""
    whose = f" of session {standing.session_id}" if standing.session_id else ""
    where = (standing.budget.project or "").rstrip("/").rpartition("/")[2]
    project = f" in {plain(where)}" if where else ""
    said = format_at_least(used, partial=standing.is_partial)
    return f"{plain(standing.budget.label)}{whose}{project}: {said} of {format_usd(limit)} used{percent}"


def names(days: Sequence[ProjectDay]) -> dict[int, str]:
    """Project number to its name; two of the same name are told apart by the folder above."""
    labels = [day.project.label for day in days]
    found = {}
    for day in days:
        label = day.project.label
        if labels.count(label) > 1:
            label = "/".join(day.project.path.rstrip("/").split("/")[-2:])
        found[day.project.id] = plain(label)
    return found


def weekday(day: date) -> str:
    """`Sunday, 22 November 2026`"""
    return f"{day:%A}, {day.day} {day:%B %Y}"
