"""How a repository stands: branch, open work, stashes, recent and unpushed commits. Three to six git processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from codesession.domain.repo import Commit
from codesession.domain.today import RepoState, Stash
from codesession.services.repo.process import Git

LEAST_COMMITS = 5
"""Commits shown however old they are."""
_LOOKED_AT = 50
"""Newest commits that are read; as many unpushed ones are listed, all are counted."""
RECENT_FILES = 200
"""Files in which open ends are looked for."""

_FORMAT = "%x01%H%x1f%at%x1f%ct%x1f%an%x1f%ae%x1f%s"
_NONE_SET = frozenset({0, 1})
"""git config's exit status says whether there is a value."""


@dataclass(slots=True)
class _Status:
    """The records of git-status(1), "Porcelain Format Version 2"."""

    head: str | None = None
    branch: str | None = None
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    stashes: int = 0
    staged: list[bytes] = field(default_factory=list)
    changed: list[bytes] = field(default_factory=list)
    untracked: list[bytes] = field(default_factory=list)
    conflicted: list[bytes] = field(default_factory=list)

    def header(self, name: str, value: str) -> None:
        """`# branch.oid`, `.head`, `.upstream`, `.ab +1 -2`, `# stash N`."""
        if name == "branch.oid":
            self.head = None if value == "(initial)" else value
        elif name == "branch.head":
            self.branch = None if value == "(detached)" else value
        elif name == "branch.upstream":
            self.upstream = value
        elif name == "branch.ab":
            ahead, behind = value.split(" ")
            self.ahead, self.behind = int(ahead), -int(behind)
        elif name == "stash":
            self.stashes = int(value)


@dataclass(frozen=True, slots=True)
class _Logged:
    commit: Commit
    email: str
    files: tuple[bytes, ...]


def look(git: Git, since_ms: int) -> RepoState:
    """The state now, with the commits since a moment; raises `GitError`."""
    status = parse_status(
        git.run("status", "--porcelain=v2", "-z", "--branch", "--show-stash", "--no-renames", "--ignore-submodules")
    )
    logged = _log(git, "--name-only", "HEAD") if status.head else []
    commits = [entry.commit for entry in logged]
    shown = [each for n, each in enumerate(commits) if n < LEAST_COMMITS or each.committed_at_ms >= since_ms]
    email = git.run("config", "--get", "user.email", accepted=_NONE_SET).decode("utf-8", "replace").strip()
    unpushed, unpushed_count = _unpushed(git, status)
    return RepoState(
        branch=status.branch,
        head=status.head,
        upstream=status.upstream,
        ahead=status.ahead,
        behind=status.behind,
        staged=_names(status.staged),
        changed=_names(status.changed),
        untracked=_names(status.untracked),
        conflicted=_names(status.conflicted),
        stashes=_stashes(git) if status.stashes else (),
        commits=tuple(shown),
        own=frozenset(entry.commit.hash for entry in logged if entry.email == email),
        unpushed=unpushed,
        unpushed_count=unpushed_count,
        recent_files=_recent(status, logged),
    )


def parse_status(output: bytes) -> _Status:
    """`1 XY sub mH mI mW hH hI path`, `u XY sub m1 m2 m3 mW h1 h2 h3 path`, `? path`, `# header`; X is the index."""
    found = _Status()
    for record in output.split(b"\0"):
        kind, rest = record[:2], record[2:]
        if kind == b"1 ":
            path = rest.split(b" ", 7)[7]
            if rest[:1] != b".":
                found.staged.append(path)
            if rest[1:2] != b".":
                found.changed.append(path)
        elif kind == b"u ":
            found.conflicted.append(rest.split(b" ", 9)[9])
        elif kind == b"? ":
            found.untracked.append(rest)
        elif kind == b"# ":
            name, _, value = rest.decode("utf-8", "backslashreplace").partition(" ")
            found.header(name, value)
    return found


def _log(git: Git, *arguments: str) -> list[_Logged]:
    output = git.run("log", "-z", f"--max-count={_LOOKED_AT}", f"--format={_FORMAT}", *arguments)
    entries = []
    for record in output.split(b"\x01")[1:]:
        header, *files = record.split(b"\0")
        name, authored, committed, author, email, subject = header.decode("utf-8", "backslashreplace").split("\x1f", 5)
        commit = Commit(
            hash=name,
            message=subject,
            author_name=author,
            authored_at_ms=int(authored) * 1000,
            committed_at_ms=int(committed) * 1000,
        )
        entries.append(_Logged(commit, email, tuple(path.removeprefix(b"\n") for path in files if path)))
    return entries


def _unpushed(git: Git, status: _Status) -> tuple[tuple[Commit, ...] | None, int | None]:
    """Commits of HEAD that the upstream lacks; without an upstream, those that no remote branch holds."""
    if status.head is None:
        return None, None
    if status.upstream is not None and status.ahead is not None:
        lacking = ["@{upstream}..HEAD"]
        if status.ahead == 0:
            return (), 0
    elif git.run("for-each-ref", "--count=1", "refs/remotes"):
        lacking = ["HEAD", "--not", "--remotes"]
    else:
        return None, None
    commits = tuple(entry.commit for entry in _log(git, *lacking))
    if status.ahead is not None:
        return commits, status.ahead
    if len(commits) < _LOOKED_AT:
        return commits, len(commits)
    return commits, int(git.run("rev-list", "--count", *lacking))


def _stashes(git: Git) -> tuple[Stash, ...]:
    found = []
    for entry in git.run("stash", "list", "-z", "--format=%ct%x1f%gs").split(b"\0"):
        if entry:
            seconds, _, message = entry.decode("utf-8", "backslashreplace").partition("\x1f")
            found.append(Stash(message=message, stashed_at_ms=int(seconds) * 1000))
    return tuple(found)


def _recent(status: _Status, logged: Iterable[_Logged]) -> tuple[bytes, ...]:
    paths = dict.fromkeys((*status.conflicted, *status.staged, *status.changed, *status.untracked))
    for entry in logged:
        paths.update(dict.fromkeys(entry.files))
        if len(paths) >= RECENT_FILES:
            break
    return tuple(paths)[:RECENT_FILES]


def _names(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(path.decode("utf-8", "backslashreplace") for path in paths)
