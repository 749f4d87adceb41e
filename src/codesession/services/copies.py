"""Names of the copies that stand beside a file before it is changed."""

from __future__ import annotations

from itertools import count
from pathlib import Path


def free_copy(target: Path, stamp: str) -> Path:
    """A name that no copy has yet: in and out again within a second must not lose the first one."""
    names = (f"{target.name}.{stamp}{f'-{number}' if number else ''}.bak" for number in count())
    return next(path for path in map(target.with_name, names) if not path.exists())
