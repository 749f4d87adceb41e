"""Take a baseline, and later tell what happened since."""

from __future__ import annotations

import time
from pathlib import Path

from codesession.domain.repo import Baseline, ChangeType, Commit, FileChange, Scan
from codesession.services.repo.fingerprint import Fingerprints
from codesession.services.repo.gitdir import current_head, git_dir_of, locate, named_git_dir, reflog_length
from codesession.services.repo.history import TouchedFile, own_commits, touched_files
from codesession.services.repo.process import Git, GitError
from codesession.services.repo.status import Status, read_status

MAX_REFS = 3_000
"""Refs kept in a baseline; with more, a commit without a reflog entry is not counted."""
MAX_DIRTY = 10_000
"""Uncommitted paths kept in a baseline; the rest is later judged by file times."""
MAX_FILES = 10_000
"""Changed files reported for one session."""

_KEPT_REFS = ("refs/heads", "refs/remotes", "refs/tags", "refs/stash")


def take_baseline(git_root: Path, timeout: float) -> Baseline:
    """See `repo.baseline`."""
    taken_at_ms = time.time_ns() // 1_000_000
    named = named_git_dir(git_root)
    git_dir = git_dir_of(git_root)
    if git_dir is None:
        return Baseline.unknown(taken_at_ms, _gone(git_root))
    length = reflog_length(git_dir)
    git = Git(git_root, timeout=timeout, git_dir=None if named is None else str(named))
    try:
        status = read_status(git)
        refs = _refs(git)
    except GitError as error:
        return Baseline.unknown(taken_at_ms, str(error))
    fingerprints = Fingerprints(git_root)
    kept = sorted(status.dirty)[:MAX_DIRTY]
    warnings = []
    if len(status.dirty) > MAX_DIRTY:
        warnings.append(
            f"{len(status.dirty)} uncommitted files at the start (is a build folder missing in .gitignore?): "
            f"those after the first {MAX_DIRTY} are judged by their times"
        )
    return Baseline(
        taken_at_ms=taken_at_ms,
        head=status.head,
        branch=status.branch,
        refs=tuple(refs[:MAX_REFS]),
        refs_complete=len(refs) <= MAX_REFS,
        reflog_length=length,
        dirty={path.decode("utf-8", "surrogateescape"): fingerprints.of(path) for path in kept},
        dirty_complete=len(kept) == len(status.dirty),
        git_dir=None if named is None else str(named),
        warnings=tuple(warnings),
    )


def survey_session(directory: Path, baseline_json: str | None, started_at_ms: int, timeout: float) -> Scan:
    """See `repo.scan_session`."""
    if baseline_json is None:
        born = locate(directory).git_root == directory
        return survey(directory, Baseline.unknown(started_at_ms), timeout) if born else Scan()
    try:
        since = Baseline.from_json(baseline_json)
    except ValueError as error:
        since = Baseline.unknown(started_at_ms, f"the state at the start cannot be read ({error}): judged by times")
    return survey(directory, since, timeout)


def survey(git_root: Path, since: Baseline, timeout: float) -> Scan:
    """See `repo.scan`."""
    if git_dir_of(git_root, since.git_dir) is None:
        return Scan(warnings=(*since.warnings, _gone(git_root)))
    git = Git(git_root, timeout=timeout, git_dir=since.git_dir)
    warnings = list(since.warnings)
    status: Status | None = None
    commits: tuple[Commit, ...] = ()
    touched: list[TouchedFile] = []
    try:
        status = read_status(git)
    except GitError as error:
        warnings.append(str(error))
    head = status.head if status else current_head(git_root)
    try:
        own, remarks = own_commits(git, since, head)
        warnings += remarks
        commits = tuple(o.commit for o in own)
        touched = touched_files(git, own)
    except GitError as error:
        warnings.append(str(error))
    files = _net_changes(touched, status.dirty if status else None, since, Fingerprints(git_root))
    if len(files) > MAX_FILES:
        warnings.append(f"{len(files)} files changed: only the first {MAX_FILES} are listed")
    return Scan(
        commits=commits,
        files=tuple(files[:MAX_FILES]),
        head=head,
        branch=status.branch if status else None,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _gone(git_root: Path) -> str:
    if git_root.is_dir():
        return f"{git_root} holds no git repository (any more): commits and changed files cannot be seen"
    return f"{git_root} does not exist any more"


def _refs(git: Git) -> list[str]:
    """Objects that refs point to, one more than are kept so that an overflow shows."""
    names = git.run("for-each-ref", f"--count={MAX_REFS + 1}", "--format=%(objectname)", *_KEPT_REFS)
    return list(dict.fromkeys(names.decode().split()))


def _net_changes(
    touched: list[TouchedFile], dirty: dict[bytes, bool] | None, since: Baseline, now: Fingerprints
) -> list[FileChange]:
    """
    One change per path: first state against last, over commits and then the work tree.

    `dirty` is None when git could not say; only commits speak then.
    """
    spans: dict[bytes, tuple[bool, bool]] = {}
    for file in touched:
        spans[file.path] = (spans[file.path][0] if file.path in spans else file.before, file.after)
    for path, was_there in _work_tree_changes(dirty, since, now) if dirty is not None else ():
        is_there = now.exists(path)
        if path in spans or was_there or is_there:
            spans[path] = (spans[path][0] if path in spans else was_there, is_there)
    return [
        FileChange(path=path.decode("utf-8", "backslashreplace"), change_type=_change_type(*spans[path]))
        for path in sorted(spans)
    ]


def _work_tree_changes(dirty: dict[bytes, bool], since: Baseline, now: Fingerprints) -> list[tuple[bytes, bool]]:
    """Paths whose uncommitted content changed since the start, and whether they were there at the start."""
    before = {path.encode("utf-8", "surrogateescape"): mark for path, mark in since.dirty.items()}
    changes = [(path, bool(mark)) for path, mark in before.items() if not now.unchanged(path, mark)]
    for path, in_head in dirty.items():
        if path not in before and (since.dirty_complete or now.touched_since(path, since.taken_at_ms)):
            changes.append((path, in_head))
    return changes


def _change_type(before: bool, after: bool) -> ChangeType:
    if not after:
        return ChangeType.DELETED
    return ChangeType.MODIFIED if before else ChangeType.CREATED
