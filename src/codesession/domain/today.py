"""What a morning's look at a project finds: its repository, open ends in its files, pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from codesession.domain.repo import Commit

_FRIDAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder that the user wants to be told about."""

    id: int
    path: str
    """Git root, or a folder outside git; absolute. One that an older tool kept may lead nowhere (any more)."""
    name: str | None
    added_at_ms: int

    @property
    def label(self) -> str:
        """What to call it: its name, else the last part of its path."""
        return self.name or self.path.rstrip("/").rpartition("/")[2] or self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Stash:
    """Work that was put aside."""

    message: str
    stashed_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoState:
    """A repository at one moment. Paths are relative to the git root; undecodable bytes are written `\\xNN`."""

    branch: str | None
    """None when HEAD is detached."""
    head: str | None
    """None before the first commit."""
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    """Against the upstream as it was fetched last; None without one."""
    staged: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Tracked and changed, not (wholly) staged."""
    untracked: tuple[str, ...] = ()
    """Not ignored; a folder with nothing tracked in it is one path that ends with `/`."""
    conflicted: tuple[str, ...] = ()
    stashes: tuple[Stash, ...] = ()
    commits: tuple[Commit, ...] = ()
    """Newest first: all since the last working day, and older ones up to a few."""
    own: frozenset[str] = frozenset()
    """Names of those among `commits` whose author is the user."""
    unpushed: tuple[Commit, ...] | None = None
    """Newest first; None where there is no remote to push to."""
    unpushed_count: int | None = None
    recent_files: tuple[bytes, ...] = ()
    """Uncommitted ones first, then those of the newest commits."""

    @property
    def uncommitted(self) -> tuple[str, ...]:
        """Every path that differs from HEAD, each once."""
        return tuple(dict.fromkeys((*self.conflicted, *self.staged, *self.changed, *self.untracked)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """An open end that a comment names."""

    file: str
    line: int
    kind: str
    """`TODO`, `FIXME`, `HACK` or `XXX`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """An open pull request, as the host tells it."""

    number: int
    title: str
    url: str
    branch: str
    author: str | None
    is_draft: bool
    review: str | None
    """`APPROVED`, `CHANGES_REQUESTED`, `REVIEW_REQUIRED`, or None."""


def last_working_day(today: date) -> date:
    """The day a stand-up looks back to: yesterday; Friday on Saturday, Sunday and Monday."""
    before = today - timedelta(days=1)
    return before - timedelta(days=max(0, before.weekday() - _FRIDAY))
