"""
The JSON contract of `cs today`.

    cs today            {…, timestamp, since, spent, projects: [{…}], lastSessionGlobal, unfinishedSessions, budgets}
      a project         name, path, exists, isGitRepo, git (null when git cannot say), todos, pullRequests (null when
                        nobody could be asked), spent, lastSession, unfinishedSessions, problems: [text]
      git               branch, head, upstream, ahead, behind, uncommittedFiles, stagedFiles, changedFiles,
                        untrackedFiles, conflictedFiles, stashes, recentCommits, unpushedCommits, unpushedCount
                        (both null without a remote)
      spent             the figures of reports, since the beginning of the last working day
      lastSession       a session with aiUsage (the newest 20 calls), files, notes
    cs today init|add   {…, added: [path], projects: [{id, name, path, …}]}
    cs today remove     {…, removed: path, projects}
    cs today projects   [{id, name, path, exists, addedAt}]
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from codesession.contract import Json, call_json, enveloped, file_json, iso, note_json, session_json
from codesession.contract_budgets import standing_json
from codesession.contract_reports import totals_json
from codesession.services.scopes import folder_of

if TYPE_CHECKING:
    from codesession.domain.repo import Commit
    from codesession.domain.today import Project, PullRequest, RepoState, Todo
    from codesession.services.today.service import LastSession, ProjectDay, Today


def today_json(today: Today) -> Json:
    """Everything `cs today` found."""
    return enveloped(
        {
            "timestamp": iso(today.at_ms),
            "since": iso(today.since_ms),
            "spent": totals_json(today.spent),
            "projects": [project_day_json(day) for day in today.projects],
            "lastSessionGlobal": last_session_json(today.last),
            "unfinishedSessions": [session_json(each) for each in today.unfinished_elsewhere],
            "budgets": [standing_json(each) for each in today.budgets],
        }
    )


def project_day_json(day: ProjectDay) -> Json:
    """One project."""
    seen = day.seen
    return {
        "name": day.project.label,
        "path": day.project.path,
        "exists": seen.exists,
        "isGitRepo": seen.is_git,
        "git": None if seen.state is None else state_json(seen.state),
        "todos": [_todo_json(each) for each in seen.todos],
        "pullRequests": None if seen.pulls is None else [_pull_json(each) for each in seen.pulls],
        "spent": totals_json(day.spent),
        "lastSession": last_session_json(day.last),
        "unfinishedSessions": [session_json(each) for each in day.unfinished],
        "problems": list(seen.problems),
    }


def state_json(state: RepoState) -> Json:
    """A repository."""
    return {
        "branch": state.branch,
        "head": state.head,
        "upstream": state.upstream,
        "ahead": state.ahead,
        "behind": state.behind,
        "uncommittedFiles": list(state.uncommitted),
        "stagedFiles": list(state.staged),
        "changedFiles": list(state.changed),
        "untrackedFiles": list(state.untracked),
        "conflictedFiles": list(state.conflicted),
        "stashes": [{"message": each.message, "timestamp": iso(each.stashed_at_ms)} for each in state.stashes],
        "recentCommits": [_commit_json(each) | {"own": each.hash in state.own} for each in state.commits],
        "unpushedCommits": None if state.unpushed is None else [_commit_json(each) for each in state.unpushed],
        "unpushedCount": state.unpushed_count,
    }


def last_session_json(last: LastSession | None) -> Json | None:
    """A session with its newest calls, its files and notes."""
    if last is None:
        return None
    return session_json(last.session) | {
        "aiUsage": [call_json(call) for call in last.calls],
        "aiUsageCount": last.session.requests,
        "files": [file_json(file) for file in last.files],
        "notes": [note_json(note) for note in last.notes],
        "endNotes": last.session.end_notes,
    }


def projects_json(projects: Iterable[Project], **facts: object) -> Json:
    """The registered projects, with what a command did to them."""
    return enveloped({**facts, "projects": [project_json(each) for each in projects]})


def project_json(project: Project) -> Json:
    """One registered project."""
    return {
        "id": project.id,
        "name": project.label,
        "path": project.path,
        "exists": os.path.isdir(folder_of(project.path)),
        "addedAt": iso(project.added_at_ms),
    }


def _commit_json(commit: Commit) -> Json:
    return {
        "hash": commit.hash,
        "message": commit.message,
        "author": commit.author_name,
        "timestamp": iso(commit.committed_at_ms),
    }


def _todo_json(todo: Todo) -> Json:
    return {"file": todo.file, "line": todo.line, "type": todo.kind, "text": todo.text}


def _pull_json(pull: PullRequest) -> Json:
    return {
        "number": pull.number,
        "title": pull.title,
        "url": pull.url,
        "branch": pull.branch,
        "author": pull.author,
        "isDraft": pull.is_draft,
        "review": pull.review,
    }
