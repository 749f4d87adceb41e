"""
Follow a session live: files as they change, commits as they are made.

What is stored here are file events only, so that a file which came and went is known too. Commits are shown, not
stored: an amended one would stay; the end of the session stores what then is true.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.repo import ChangeType
from codesession.errors import reason
from codesession.services import repo
from codesession.services.repo.ignored import ignored
from codesession.services.scopes import folder_of

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

    def __init__(
        self, store: Store, session: Session, stop: threading.Event, *, is_ours: Callable[[Path], bool]
    ) -> None:
        self._is_ours = is_ours
        """Our own files: recording a change of the ledger would change the ledger, without end."""
        self._store = store
        self._session = session
        self._stop = stop
        self._root = folder_of(session.directory)
        self._head = repo.current_head(self._root) if session.git_root else None
        self._seen_commits: set[str] = set()

    def events(self) -> Iterator[WatchEvent]:
        """Blocks; yields as things happen."""
        try:
            for batch in self._batches():
                yield from self._look(batch)
                if self._has_ended():
                    return
        except OSError as error:
            why = reason(error)
            yield WatchEvent(mark="!", text=f"files cannot be watched ({why}); the end of the session finds them")
            while not self._stop.wait(TICK_MS / 1000) and not self._has_ended():
                yield from self._commits()

    def _batches(self) -> Iterator[set[tuple[str, Path]]]:
        """What changed, as (kind, path); an empty set at every tick without a change."""
        from watchfiles import DefaultFilter, watch
        from watchfiles._rust_notify import WatchfilesRustInternalError

        if not self._root.is_dir():  # told to pass over what it may not read, the watcher passes over this too
            raise FileNotFoundError(f"{self._root} is not there")
        batches = watch(
            self._root,
            watch_filter=DefaultFilter(ignore_dirs=tuple(d for d in DefaultFilter.ignore_dirs if d != ".git")),
            stop_event=self._stop,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        try:
            for batch in batches:
                yield {(change.raw_str(), Path(path)) for change, path in batch}
        except WatchfilesRustInternalError as error:  # so it answers a file whose name is no text
            raise OSError(str(error)) from error

    def _look(self, batch: set[tuple[str, Path]]) -> Iterator[WatchEvent]:
        if batch:
            yield from self._files(batch)
        yield from self._commits()

    def _has_ended(self) -> bool:
        current = self._store.session(self._session.id)
        return current is None or not current.is_active

    def _files(self, batch: set[tuple[str, Path]]) -> Iterator[WatchEvent]:
        git_dir = self._root / ".git"
        inside = {path.name for _, path in batch if path.parent == git_dir}
        if inside & _GIT_AT_WORK:
            return  # a checkout, merge or rebase moves files about; that is nobody's editing
        changes = {}
        for kind, path in sorted(batch, key=lambda event: str(event[1])):
            if git_dir in path.parents or path == git_dir or path.is_dir() or self._is_ours(path):
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
        session = self._session
        scan = repo.scan_session(self._root, self._store.baseline(session.id), session.started_at_ms)
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
