"""
What the file system has against a ledger.

SQLite says "disk I/O error" or "unable to open database file" for a full disk and for a read-only one alike.
"""

from __future__ import annotations

import os
from pathlib import Path

_LEAST_FREE_BYTES = 128 * 1024
"""With less there is no room for the write-ahead log and its index, without which a ledger cannot be read either."""

NO_FILE = "move it away, or set CODESESSION_DB_PATH"


def obstacle(path: Path) -> tuple[str, str] | None:
    """Why a ledger here cannot be used, and what to do about it; None when the file system is not to blame."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return None
    if path.exists() and not path.is_file():
        return f"{path} is no file", NO_FILE
    if _is_mounted_read_only(folder):
        return f"the disk of {folder} is read-only", "mount it for writing, or set CODESESSION_DB_PATH"
    closed = next((place for place in (folder, path) if place.exists() and not os.access(place, os.W_OK)), None)
    if closed is not None:
        return f"{closed} is read-only for you", "mend its permissions, or set CODESESSION_DB_PATH"
    from shutil import disk_usage

    try:
        free = disk_usage(folder).free
    except OSError:  # a file system that does not tell
        return None
    return ("the disk is full", "free some space and try again") if free < _LEAST_FREE_BYTES else None


def _is_mounted_read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except (AttributeError, OSError):  # Windows has no such call
        return False
