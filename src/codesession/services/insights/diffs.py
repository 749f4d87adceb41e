"""
What changed in a session's repository, as git prints it.

Confined: the repository is the session's own, paths and commits are only those that the session recorded, git is
run without external diff programs, text conversion or the network, and what it prints is cut at a size.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.insights import Diff
from codesession.errors import InvalidInputError, UnavailableError
from codesession.services.repo.process import Git, GitError

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.domain.work import SessionCommit, SessionFile

LIMIT_BYTES = 1_000_000
TIMEOUT_S = 10.0

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_OPTIONS = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=none")


def is_available(session: Session) -> bool:
    """Whether the session's repository is still where it was."""
    return session.git_root is not None and Path(session.git_root).is_dir()


def diff_of(
    session: Session,
    files: list[SessionFile],
    commits: list[SessionCommit],
    *,
    path: str | None,
    commit: str | None,
) -> Diff:
    """
    The session's changes from its first commit's parent to the work tree, or those of one commit; of one file or all.

    A session that made no commit is compared with the commit it began on. What was never committed shows only
    while it is still in the work tree.
    """
    root = _root(session)
    paths = _paths(files, path)
    git = Git(root, timeout=TIMEOUT_S)
    try:
        if commit is not None:
            return _of_commit(git, _known(commits, commit), paths)
        return _of_session(git, session, commits, paths)
    except GitError as error:
        raise UnavailableError(str(error)) from error


def _root(session: Session) -> Path:
    if session.git_root is None:
        raise UnavailableError("this session belongs to no git repository", hint="there is nothing to compare")
    if not is_available(session):
        raise UnavailableError("the session's repository is not there any more")
    return Path(session.git_root)


def _paths(files: list[SessionFile], path: str | None) -> list[str]:
    known = [file.file_path for file in files]
    if path is None:
        return known
    if path not in known:
        raise InvalidInputError("the session did not change a file of that name")
    return [path]


def _known(commits: list[SessionCommit], wanted: str) -> str:
    found = [commit.hash for commit in commits if commit.hash.startswith(wanted)]
    if len(found) != 1:
        raise InvalidInputError("the session made no such commit")
    return found[0]


def _of_commit(git: Git, commit: str, paths: list[str]) -> Diff:
    base = _parent(git, commit)
    chosen = paths if len(paths) == 1 else []
    return _cut(base, _run(git, [base or _EMPTY_TREE, commit], chosen))


def _of_session(git: Git, session: Session, commits: list[SessionCommit], paths: list[str]) -> Diff:
    if not paths:
        return Diff(base=session.start_git_head, text="", truncated=False)
    base = session.start_git_head
    if base is None and commits:
        base = _parent(git, commits[0].hash)
    return _cut(base, _run(git, [base or _EMPTY_TREE], paths) + _untracked(git, paths))


def _parent(git: Git, commit: str) -> str | None:
    """The first parent; None for a commit without one."""
    names = git.run("rev-list", "--parents", "--max-count=1", "--end-of-options", commit, "--").decode().split()
    return names[1] if len(names) > 1 else None


def _run(git: Git, revisions: list[str], paths: list[str]) -> bytes:
    """Paths are literal: no file's name can be a pattern, or an option."""
    return git.run("--literal-pathspecs", "diff", *_OPTIONS, "--end-of-options", *revisions, "--", *paths)


def _untracked(git: Git, paths: list[str]) -> bytes:
    """New files that git does not know yet, as additions."""
    listed = git.run("--literal-pathspecs", "ls-files", "--others", "-z", "--", *paths)
    found, text = [name for name in listed.split(b"\0") if name], b""
    for name in found:
        if len(text) > LIMIT_BYTES:
            break
        file = name.decode("utf-8", "surrogateescape")
        text += git.run(
            "diff", *_OPTIONS, "--no-index", "--", "/dev/null", file, accepted=frozenset({0, 1})
        )
    return text


def _cut(base: str | None, text: bytes) -> Diff:
    cut = text[:LIMIT_BYTES]
    return Diff(base=base, text=cut.decode("utf-8", "replace"), truncated=len(text) > len(cut))
