"""The morning as a stand-up message: plain text that any chat shows well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.cli.output import count, plain
from codesession.cli.today import telling

if TYPE_CHECKING:
    from codesession.services.today.service import ProjectDay, Today

_MOST = 6
"""Things done that are told of one project."""


def standup(today: Today) -> str:
    """What I did since the last working day, what is open, what stands in the way; three short lists."""
    names = telling.names(today.projects)
    done, going, blocked = [], [], []
    for day in today.projects:
        name = names[day.project.id]
        done += [f"{name}: {each}" for each in _done(today, day)]
        going += [f"{name}: {each}" for each in _open(day)]
        blocked += [f"{name}: {each}" for each in _in_the_way(day)]
    blocked += [f"budget {telling.budget(each)}" for each in today.budgets]
    parts = [f"Stand-up, {telling.weekday(today.day)}"]
    parts += _listed(f"Since {telling.since(today)}", done or ["no commit of mine"])
    parts += _listed("In progress", going)
    parts += _listed("In the way", blocked)
    if today.spent.requests:
        calls = count(today.spent.requests, "call")
        parts += ["", f"AI cost since {telling.since(today)}: {today.spent.cost_text()} in {calls}"]
    return "\n".join(parts)


def _done(today: Today, day: ProjectDay) -> list[str]:
    """The user's own commits, newest first, each subject once."""
    state = day.seen.state
    if state is None:
        return []
    own = [each for each in state.commits if each.hash in state.own and each.committed_at_ms >= today.since_ms]
    said = list(dict.fromkeys(plain(each.message) for each in own))
    return said if len(said) <= _MOST else [*said[:_MOST], f"and {len(said) - _MOST} more commits"]


def _open(day: ProjectDay) -> list[str]:
    state = day.seen.state
    found = [f"“{plain(session.name)}” (session {session.id})" for session in day.unfinished]
    if state is not None:
        if state.uncommitted:
            on = f" on {plain(state.branch)}" if state.branch else ""
            found.append(f"{count(len(state.uncommitted), 'uncommitted file')}{on}")
        if state.unpushed_count:
            found.append(f"{count(state.unpushed_count, 'unpushed commit')}")
    for pull in day.seen.pulls or ():
        said = telling.review(pull.review, draft=pull.is_draft)
        found.append(f"#{pull.number} {plain(pull.title)}{f', {said}' if said else ''} {pull.url}")
    return found


def _in_the_way(day: ProjectDay) -> list[str]:
    state = day.seen.state
    found = [] if day.seen.exists else ["the folder is not there (any more)"]
    if state is not None and state.conflicted:
        found.append(f"{count(len(state.conflicted), 'file')} in conflict")
    return found


def _listed(title: str, items: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"• {item}" for item in items)] if items else []
