"""The morning for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from codesession.cli.output import below_home, count, plain
from codesession.cli.render import ago
from codesession.cli.today import telling
from codesession.contract import format_duration

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.repo import Commit
    from codesession.domain.session import Session
    from codesession.domain.today import RepoState
    from codesession.services.today.service import LastSession, ProjectDay, Today

_SHOWN = 3
"""Commits, files, open ends of a project before the rest is only counted."""
_NAME_WIDTH = 10
_GAP = 2

Line = tuple[str, str]


def show(console: Console, today: Today) -> None:
    """Everything, one block for each project; a project where nothing is open is one line."""
    if not today.projects:
        console.print("No project is registered. Begin with: cs today init")
        return
    console.print(Text(telling.weekday(today.day), style="bold"))
    spent = f"{today.spent.cost_text()} since {telling.since(today)}" if today.spent.requests else "Nothing spent"
    console.print(Text(f"{spent}, {count(len(today.projects), 'project')}", style="dim"))
    names = telling.names(today.projects)
    for day in today.projects:
        console.print()
        _project(console, today, day, names[day.project.id])
    _rest(console, today)


def _project(console: Console, today: Today, day: ProjectDay, name: str) -> None:
    seen = day.seen
    title = Text(name, style="bold", no_wrap=True, overflow="ellipsis")
    if seen.state is not None:
        title.append(f"  {telling.branch(seen.state)}", style="not bold cyan")
    title.append(f"  {plain(below_home(day.project.path))}", style="not bold dim")
    console.print(title, no_wrap=True, overflow="ellipsis")
    work = [*_lines_of_git(seen.state, today.since_ms), *_lines_of_project(day)]
    told = [*_lines_of_ledger(today, day), *(("Problem", plain(problem)) for problem in seen.problems)]
    _grid(console, work)
    _grid(console, told if work or told else [("", "nothing open")], whole=True)


def _lines_of_git(state: RepoState | None, since_ms: int) -> list[Line]:
    if state is None:
        return []
    lines: list[Line] = []
    if work := telling.open_work(state):
        lines.append(("Open work", f"{work}: {telling.some(state.uncommitted, _SHOWN)}"))
    if state.stashes:
        stashes = telling.some([each.message for each in state.stashes], _SHOWN)
        lines.append(("Stashes", f"{len(state.stashes)}: {stashes}"))
    if state.unpushed:
        lines += _commits("Unpushed", state.unpushed, state.unpushed_count)
    unpushed = {each.hash for each in state.unpushed or ()}
    recent = [each for each in state.commits if each.committed_at_ms >= since_ms and each.hash not in unpushed]
    return lines + _commits("Commits", recent, len(recent))


def _commits(name: str, commits: tuple[Commit, ...] | list[Commit], number: int | None) -> list[Line]:
    lines = [(name if n == 0 else "", f"{each.hash[:7]} {plain(each.message)}") for n, each in enumerate(commits)]
    more = (number or 0) - _SHOWN
    return [*lines[:_SHOWN], ("", f"and {more:,} more")] if more > 0 else lines[:_SHOWN]


def _lines_of_project(day: ProjectDay) -> list[Line]:
    lines: list[Line] = []
    for n, pull in enumerate(day.seen.pulls or ()):
        state = telling.review(pull.review, draft=pull.is_draft)
        lines.append(("Pulls" if n == 0 else "", f"#{pull.number} {plain(pull.title)}{f' ({state})' if state else ''}"))
    todos = [telling.todo(each) for each in day.seen.todos]
    lines += [("To do" if n == 0 else "", text) for n, text in enumerate(todos[:_SHOWN])]
    if len(todos) > _SHOWN:
        lines.append(("", f"and {len(todos) - _SHOWN} more"))
    return lines


def _lines_of_ledger(today: Today, day: ProjectDay) -> list[Line]:
    lines: list[Line] = []
    if day.spent.requests:
        calls = count(day.spent.requests, "call")
        lines.append(("Spent", f"{day.spent.cost_text()} since {telling.since(today)}, {calls}"))
    for session in day.unfinished:
        lines.append(("Unfinished", _unfinished(session, today.at_ms)))
    if day.last is not None and not day.last.session.is_active:
        lines.append(("Last", _last(day.last, today.at_ms)))
        lines += [("", f"“{plain(note.message)}”") for note in day.last.notes[-1:]]
    return lines


def _unfinished(session: Session, now_ms: int) -> str:
    open_for = format_duration(session.duration_ms(now_ms))
    return f"session {session.id} “{plain(session.name)}”, open for {open_for}, {telling.cost(session)}"


def _last(last: LastSession, now_ms: int) -> str:
    session = last.session
    work = f"{count(session.requests, 'call')}, {count(session.files_changed, 'file')}"
    began = ago(session.started_at_ms, now_ms)
    return f"session {session.id} “{plain(session.name)}”, {began}, {telling.cost(session)}, {work}"


def _rest(console: Console, today: Today) -> None:
    if today.unfinished_elsewhere:
        console.print()
        console.print(Text("Unfinished elsewhere", style="bold"))
        for session in today.unfinished_elsewhere:
            told = f"{_unfinished(session, today.at_ms)}, {plain(below_home(session.directory))}"
            _grid(console, [("", told)], whole=True)
    if today.budgets:
        console.print()
        console.print(Text("Budgets close to their end", style="bold"))
        _grid(console, [("", telling.budget(each)) for each in today.budgets], whole=True)


def _grid(console: Console, lines: list[Line], *, whole: bool = False) -> None:
    """Lines that a narrow terminal cuts; `whole` ones, which hold amounts, go on below."""
    room = max(1, console.width - _NAME_WIDTH - 2 * _GAP)
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(width=0)
    grid.add_column(style="dim", no_wrap=True, width=_NAME_WIDTH)
    grid.add_column(no_wrap=not whole, overflow="fold" if whole else "ellipsis", max_width=room)
    for name, text in lines:
        grid.add_row("", name, text)
    console.print(grid)
