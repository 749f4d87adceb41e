"""
Fingerprints of files, to tell "dirty before and untouched" from "dirty before and changed again".

A fingerprint is a short text. Empty: no file there. `MODE SIZE HASH`: the content, whatever its times. `MODE SIZE
@MTIME_NS INODE`: a file too large to read. `160000 COMMIT`: a nested repository. MODE is git's.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from codesession.services.repo.gitdir import current_head

MAX_HASHED_FILE = 8 * 1024 * 1024
"""Bytes; a larger file is judged by size, time and inode."""
MAX_HASHED_TOTAL = 64 * 1024 * 1024
"""Bytes read for one baseline; files after that are judged by size, time and inode."""

ABSENT = ""


class Fingerprints:
    """Takes fingerprints below one folder, within a reading budget."""

    def __init__(self, root: Path, budget: int = MAX_HASHED_TOTAL) -> None:
        self._root = root
        self._budget = budget

    def of(self, path: bytes) -> str:
        """The fingerprint of a path relative to the root."""
        found = self._stat(path)
        if found is None:
            return ABSENT
        if stat.S_ISREG(found.st_mode) and found.st_size <= min(self._budget, MAX_HASHED_FILE):
            self._budget -= found.st_size
            return self._by_content(path, found)
        return self._by_kind(path, found)

    def unchanged(self, path: bytes, before: str) -> bool:
        """Whether the path still is what `before` says, judged in the way `before` was taken."""
        found = self._stat(path)
        if found is None or not stat.S_ISREG(found.st_mode) or " @" in before:
            return before == (ABSENT if found is None else self._by_kind(path, found))
        if before.split(" ")[:2] != [_mode(found), str(found.st_size)]:
            return False
        return before == self._by_content(path, found)

    def exists(self, path: bytes) -> bool:
        """Whether something git could track lies there: no plain folder."""
        found = self._stat(path)
        return found is not None and self._by_kind(path, found) != ABSENT

    def touched_since(self, path: bytes, time_ms: int) -> bool:
        """Whether content, mode or name changed since; a path that is not there may have."""
        found = self._stat(path)
        return found is None or max(found.st_mtime_ns, found.st_ctime_ns) >= time_ms * 1_000_000

    def _place(self, path: bytes) -> Path:
        return self._root / os.fsdecode(path)

    def _stat(self, path: bytes) -> os.stat_result | None:
        try:
            return self._place(path).lstat()
        except OSError:
            return None  # not there, or a parent is no folder (any more)

    def _by_content(self, path: bytes, found: os.stat_result) -> str:
        from hashlib import blake2b

        try:
            digest = blake2b(self._place(path).read_bytes(), digest_size=16).hexdigest()
        except OSError:
            return self._by_kind(path, found)  # unreadable: times still tell
        return f"{_mode(found)} {found.st_size} {digest}"

    def _by_kind(self, path: bytes, found: os.stat_result) -> str:
        if stat.S_ISLNK(found.st_mode):
            target = os.fsencode(self._place(path).readlink())
            return f"120000 {found.st_size} {target.hex()}"
        if stat.S_ISDIR(found.st_mode):
            head = current_head(self._place(path))
            return f"160000 {head}" if head else ABSENT
        return f"{_mode(found)} {found.st_size} @{found.st_mtime_ns} {found.st_ino}"


def _mode(found: os.stat_result) -> str:
    return "100755" if found.st_mode & stat.S_IXUSR else "100644"
