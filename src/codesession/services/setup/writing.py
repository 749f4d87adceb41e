"""Write planned changes: a copy first, then the whole file at once."""

from __future__ import annotations

import os
from pathlib import Path

from codesession.errors import InvalidInputError, UnavailableError, reason
from codesession.services.files import free_copy, read_text, write_whole
from codesession.services.setup.plan import FileChange, Plan


def apply(plan: Plan, *, stamp: str, home: Path) -> dict[Path, Path | None]:
    """
    Make the changes; returns each file with its backup. `stamp` tells backups apart.

    Folders below `home` that are left empty are removed: an agent's folder without anything in it was ours.
    """
    return {change.path: _write(change, stamp, Path(os.path.realpath(home))) for change in plan.changes}


def _write(change: FileChange, stamp: str, home: Path) -> Path | None:
    """One file; a symbolic link stays one."""
    target = Path(os.path.realpath(change.path))
    try:
        _check_unchanged(change, target)
        backup = None
        mode = 0o600
        if change.before is not None:
            mode = target.stat().st_mode & 0o777
            if not (change.is_all_ours and change.after is None):
                backup = free_copy(target, stamp)
                write_whole(backup, change.before, mode)
        if change.after is None:
            target.unlink()
            _remove_empty(target.parent, home)
            return backup
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, change.after, mode)
    except OSError as error:
        raise UnavailableError(f"cannot write {change.path}: {reason(error)}") from error
    return backup


def _check_unchanged(change: FileChange, target: Path) -> None:
    """The agent may have written its settings since they were read."""
    if read_text(target) != change.before:
        raise InvalidInputError(f"{change.path} was changed meanwhile", hint="run the command again")


def _remove_empty(folder: Path, home: Path) -> None:
    """The folder of a skill and those above it; each stays while anything is in it."""
    while home in folder.parents and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
