"""
What changed in a session's repository, as git prints it.

Confined: the repository is the session's own, paths and commits are only those that the session recorded, git is
run without external diff programs, text conversion or the network, and what it prints is cut at a size.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from codesession.domain.insights import Diff
from codesession.errors import InvalidInputError, UnavailableError
from codesession.services.repo.process import Git, GitError
from codesession.services.scopes import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codesession.domain.session import Session
    from codesession.domain.work import SessionCommit, SessionFile

LIMIT_BYTES = 1_000_000
TIMEOUT_S = 10.0

_FILES_AT_ONCE = 50
_SIZE_LIMIT = ("-c", "core.bigFileThreshold=1m")
"""Larger files are only said to differ: no diff of one file fills the memory."""
_OPTIONS = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=none")
_OBJECT_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def is_available(session: Session) -> bool:
    """Whether the session's repository is still where it was."""
    return session.git_root is not None and os.path.isdir(folder_of(session.git_root))


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
            return _of_commit(git, _known(commits, commit), paths, one_file=path is not None)
        return _of_session(git, session, commits, paths)
    except GitError as error:
        raise UnavailableError(str(error)) from error


def _root(session: Session) -> Path:
    if session.git_root is None:
        raise UnavailableError("this session belongs to no git repository", hint="there is nothing to compare")
    if not is_available(session):
        raise UnavailableError("the session's repository is not there any more")
    return folder_of(session.git_root)


def _paths(files: list[SessionFile], path: str | None) -> list[str]:
    known = [file.file_path for file in files if _is_inside(file.file_path)]
    if path is None:
        return known
    if path not in known:
        raise InvalidInputError("the session did not change a file of that name")
    return [path]


def _is_inside(path: str) -> bool:
    """Recorded names are data: one that leads out of the repository is never given to git."""
    parts = PurePosixPath(path)
    return bool(path) and not parts.is_absolute() and ".." not in parts.parts and path.isprintable()


def _known(commits: list[SessionCommit], wanted: str) -> str:
    found = [
        commit.hash for commit in commits if commit.hash.startswith(wanted) and _OBJECT_NAME.fullmatch(commit.hash)
    ]
    if len(found) != 1:
        raise InvalidInputError("the session made no such commit")
    return found[0]


def _of_commit(git: Git, commit: str, paths: list[str], *, one_file: bool) -> Diff:
    base = _parent(git, commit)
    chosen = paths if one_file else _touched(git, base, commit)
    return _cut(base, _differences(git, [base or _empty_tree(git), commit], chosen))


def _of_session(git: Git, session: Session, commits: list[SessionCommit], paths: list[str]) -> Diff:
    base = session.start_git_head
    if base is not None and not _OBJECT_NAME.fullmatch(base):
        raise UnavailableError("where the session began cannot be told any more")
    if base is None and commits:
        base = _parent(git, _known(commits, commits[0].hash))
    known = [] if base is None and not commits else _differences(git, [base or _empty_tree(git)], paths)
    return _cut(base, [*known, *_additions(git, paths)])


def _empty_tree(git: Git) -> str:
    return git.run("hash-object", "-t", "tree", "--stdin").decode().strip()


def _parent(git: Git, commit: str) -> str | None:
    """The first parent; None for a commit without one."""
    names = git.run("rev-list", "--parents", "--max-count=1", commit, "--").decode().split()
    return names[1] if len(names) > 1 else None


def _touched(git: Git, base: str | None, commit: str) -> list[str]:
    listed = git.run("diff", "--name-only", "--no-renames", "-z", base or _empty_tree(git), commit, "--")
    return [name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name]


def _differences(git: Git, revisions: list[str], paths: list[str]) -> Iterator[bytes]:
    """Some files at a time. Paths are literal: no file's name can be a pattern, or an option."""
    for start in range(0, len(paths), _FILES_AT_ONCE):
        some = paths[start : start + _FILES_AT_ONCE]
        yield git.run(*_SIZE_LIMIT, "--literal-pathspecs", "diff", *_OPTIONS, *revisions, "--", *some)


def _additions(git: Git, paths: list[str]) -> Iterator[bytes]:
    """New files that git does not know yet and does not ignore."""
    for start in range(0, len(paths), _FILES_AT_ONCE):
        some = paths[start : start + _FILES_AT_ONCE]
        listing = ("ls-files", "--others", "--exclude-standard", "-z", "--", *some)
        for name in git.run("--literal-pathspecs", *listing).split(b"\0"):
            if name and not name.endswith(b"/"):
                file = name.decode("utf-8", "surrogateescape")
                compared = ("diff", *_OPTIONS, "--no-index", "--", "/dev/null", file)
                yield git.run(*_SIZE_LIMIT, *compared, accepted=frozenset({0, 1}))


def _cut(base: str | None, pieces: Iterable[bytes]) -> Diff:
    """As many pieces as fit; git is not asked for what lies beyond."""
    text = b""
    for piece in pieces:
        text += piece
        if len(text) > LIMIT_BYTES:
            break
    return Diff(base=base, text=text[:LIMIT_BYTES].decode("utf-8", "replace"), truncated=len(text) > LIMIT_BYTES)
