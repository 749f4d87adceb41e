"""The morning as Markdown for an AI agent: what it must know to go on, nothing it would have to guess."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from codesession.cli.output import count, plain
from codesession.cli.today import telling
from codesession.contract import iso

if TYPE_CHECKING:
    from codesession.domain.repo import Commit
    from codesession.domain.session import Session
    from codesession.domain.today import PullRequest, RepoState, Todo
    from codesession.services.today.service import LastSession, ProjectDay, Today

_FILES = 20
_COMMITS = 10


def markdown(today: Today) -> str:
    """One document; sections without content are left out."""
    lines = [
        f"# Where my projects stand, {telling.weekday(today.day)}",
        "",
        f"Spent on AI since {telling.since(today)} ({today.since.isoformat()}): {today.spent.cost_text()}"
        f" in {count(today.spent.requests, 'call')}.",
    ]
    if not today.projects:
        lines += ["", "No project is registered (`cs today init` registers some)."]
    names = telling.names(today.projects)
    for day in today.projects:
        lines += ["", f"## {_text(names[day.project.id])}", "", *_project(today, day)]
    lines += _section(
        "Unfinished sessions elsewhere", (_unfinished(each) for each in today.unfinished_elsewhere), level=2
    )
    lines += _section("Budgets close to their end", (_text(telling.budget(each)) for each in today.budgets), level=2)
    return "\n".join(lines)


def _project(today: Today, day: ProjectDay) -> list[str]:
    seen = day.seen
    lines = [f"- Path: {_code(day.project.path)}"]
    if not seen.is_git and seen.exists:
        lines.append("- Not a git repository")
    lines += [f"- Problem: {_text(problem)}" for problem in seen.problems]
    if seen.state is not None:
        lines += _state(seen.state)
    if day.spent.requests:
        calls = count(day.spent.requests, "call")
        lines.append(f"- Spent since {telling.since(today)}: {day.spent.cost_text()} in {calls}")
    if seen.state is not None:
        lines += _commit_sections(seen.state)
    lines += _section("Open pull requests", (_pull(pull) for pull in seen.pulls or ()))
    lines += _section("Open ends in recently changed files", (_todo(todo) for todo in seen.todos))
    lines += _section("Unfinished sessions", (_unfinished(each) for each in day.unfinished))
    if day.last is not None:
        lines += _section("Last session", _last(day.last))
    return lines


def _state(state: RepoState) -> list[str]:
    upstream = f", upstream {_code(state.upstream)}" if state.upstream else ""
    lines = [f"- Branch: {_text(telling.branch(state))}{upstream}"]
    kinds = (
        ("In conflict", state.conflicted),
        ("Staged", state.staged),
        ("Changed, not staged", state.changed),
        ("Untracked", state.untracked),
    )
    for name, paths in kinds:
        if paths:
            more = f" and {len(paths) - _FILES:,} more" if len(paths) > _FILES else ""
            lines.append(f"- {name} ({len(paths):,}): {', '.join(_code(path) for path in paths[:_FILES])}{more}")
    if not state.uncommitted:
        lines.append("- Work tree: clean")
    lines += [f"- Stash: {_text(each.message)}" for each in state.stashes]
    if state.unpushed is None and state.head is not None:
        lines.append("- No remote to push to")
    return lines


def _commit_sections(state: RepoState) -> list[str]:
    unpushed = state.unpushed or ()
    number = state.unpushed_count or 0
    known = {each.hash for each in unpushed[:_COMMITS]}
    recent = [each for each in state.commits if each.hash not in known]
    return [
        *_section(f"Unpushed commits ({number:,})", (_commit(each) for each in unpushed[:_COMMITS])),
        *_section("Recent commits", (_commit(each) for each in recent[:_COMMITS])),
    ]


def _commit(commit: Commit) -> str:
    return f"{_code(commit.hash[:7])} {_text(commit.message)} ({_text(commit.author_name)})"


def _pull(pull: PullRequest) -> str:
    state = telling.review(pull.review, draft=pull.is_draft)
    return (
        f"[#{pull.number}]({pull.url}) {_text(pull.title)}, branch {_code(pull.branch)}{f', {state}' if state else ''}"
    )


def _todo(todo: Todo) -> str:
    return f"{_code(f'{todo.file}:{todo.line}')} {todo.kind}: {_text(todo.text)}"


def _unfinished(session: Session) -> str:
    return f"{session.id} “{_text(session.name)}”, since {iso(session.started_at_ms)}, {telling.cost(session)}"


def _last(last: LastSession) -> Iterable[str]:
    session = last.session
    state = "still active" if session.is_active else "completed"
    yield f"{session.id} “{_text(session.name)}”, {state}, started {iso(session.started_at_ms)}"
    unpriced = f", {session.unpriced_requests:,} without a price" if session.unpriced_requests else ""
    listed = f", {session.list_price_requests:,} at list price" if session.list_price_requests else ""
    yield f"{count(session.requests, 'call')}, {telling.cost(session)}{unpriced}{listed}"
    if last.files:
        shown = ", ".join(f"{_code(each.file_path)} ({each.change_type})" for each in last.files[:_FILES])
        more = f" and {len(last.files) - _FILES:,} more" if len(last.files) > _FILES else ""
        yield f"Files: {shown}{more}"
    for note in last.notes:
        yield f"Note: {_text(note.message)}"
    if session.end_notes:
        yield f"At the end: {_text(session.end_notes)}"


def _section(title: str, items: Iterable[str], *, level: int = 3) -> list[str]:
    found = [f"- {item}" for item in items]
    return ["", f"{'#' * level} {title}", "", *found] if found else []


def _text(text: str) -> str:
    """One line that Markdown shows as it is."""
    return "".join("\\" + c if c in "\\`*_[]<>#|" else c for c in plain(text))


def _code(text: str) -> str:
    """A path or name as code, whatever it holds."""
    shown = plain(text)
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}"
