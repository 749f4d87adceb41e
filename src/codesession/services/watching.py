"""
Follow a session live: files as they change, commits as they are made.

What is stored here are file events only, so that a file which came and went is known too. Commits are shown, not
stored: an amended one would stay; the end of the session stores what then is true.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.repo import Baseline, ChangeType
from codesession.services import repo
from codesession.services.repo.ignored import ignored

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.store.base import Store

TICK_MS = 500
"""How often commits and the end of the session are looked for when no file changes."""

_MARKS = {ChangeType.CREATED: "+", ChangeType.MODIFIED: "~", ChangeType.DELETED: "-"}
_GIT_AT_WORK = frozenset({"HEAD", "ORIG_HEAD", "MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEvent:
    """One thing to show."""

    mark: str
    """`+` created, `~` modified, `-` deleted, `*` committed, `!` a warning."""
    text: str


class Watch:
    """Events of one session until it ends or `stop` is set."""

    def __init__(self, store: Store, session: Session, stop: threading.Event) -> None:
        self._store = store
        self._session = session
        self._stop = stop
        self._root = Path(session.directory)
        self._head = repo.current_head(self._root) if session.git_root else None
        self._seen_commits: set[str] = set()

    def events(self) -> Iterator[WatchEvent]:
        """Blocks; yields as things happen."""
        from watchfiles import DefaultFilter, watch

        batches = watch(
            self._root,
            watch_filter=DefaultFilter(ignore_dirs=tuple(d for d in DefaultFilter.ignore_dirs if d != ".git")),
            stop_event=self._stop,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for batch in batches:
            if batch:
                yield from self._files({(change.raw_str(), Path(path)) for change, path in batch})
            yield from self._commits()
            current = self._store.session(self._session.id)
            if current is None or not current.is_active:
                return

    def _files(self, batch: set[tuple[str, Path]]) -> Iterator[WatchEvent]:
        git_dir = self._root / ".git"
        inside = {path.name for _, path in batch if path.parent == git_dir}
        if inside & _GIT_AT_WORK:
            return  # a checkout, merge or rebase moves files about; that is nobody's editing
        changes = {}
        for kind, path in sorted(batch, key=lambda event: str(event[1])):
            if git_dir in path.parents or path == git_dir or path.is_dir():
                continue
            changes[path.relative_to(self._root).as_posix()] = _change_type(kind, path)
        if self._session.git_root:
            for name in ignored(self._root, list(changes)):
                del changes[name]
        if changes:
            self._store.add_files(
                self._session.id, [(path, str(kind)) for path, kind in changes.items()], at_ms=_now_ms()
            )
        for name, change in changes.items():
            yield WatchEvent(mark=_MARKS[change], text=name)

    def _commits(self) -> Iterator[WatchEvent]:
        if self._session.git_root is None:
            return
        head = repo.current_head(self._root)
        if head == self._head:
            return
        self._head = head
        baseline = self._store.baseline(self._session.id)
        if baseline is None:
            return
        scan = repo.scan(self._root, Baseline.from_json(baseline))
        for warning in scan.warnings:
            yield WatchEvent(mark="!", text=warning)
        for commit in scan.commits:
            if commit.hash not in self._seen_commits:
                self._seen_commits.add(commit.hash)
                yield WatchEvent(mark="*", text=f"{commit.hash[:7]} {commit.message}")


def _change_type(kind: str, path: Path) -> ChangeType:
    if not path.exists() and not path.is_symlink():
        return ChangeType.DELETED
    return ChangeType.CREATED if kind == "added" else ChangeType.MODIFIED


def _now_ms() -> int:
    import time

    return time.time_ns() // 1_000_000
