"""Files that people and agents write, too: read without a loss, replaced whole, their copies beside them."""

from __future__ import annotations

import glob
import json
import os
import re
from itertools import count
from pathlib import Path
from typing import Any


def free_copy(target: Path, stamp: str) -> Path:
    """A name that no copy has yet: in and out again within a second must not lose the first one."""
    names = (f"{target.name}.{stamp}{f'-{number}' if number else ''}.bak" for number in count())
    return next(path for path in map(target.with_name, names) if not path.exists())


def copies(target: Path) -> list[Path]:
    """Of a file, the newest first."""
    found = target.parent.glob(f"{glob.escape(target.name)}.*.bak")
    return sorted(filter(os.path.isfile, found), key=lambda copy: copy.stat().st_mtime_ns, reverse=True)


def read_text(path: Path) -> str | None:
    """The text with its own ends of lines; None: no such file. Raises `OSError` and `UnicodeDecodeError`."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None


def write_whole(target: Path, text: str, mode: int = 0o600) -> None:
    """A reader sees the old file or the new one, never half of it. `target` is no link: one would be replaced."""
    import tempfile  # only writers need it, and it is slow to import

    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:  # an interrupt, too, leaves no half-written file; raised on
        Path(name).unlink(missing_ok=True)
        raise


def ended_like(text: str, before: str) -> str:
    r"""`text` with the ends of lines that a file has already: `\r\n` where one is."""
    return re.sub(r"\r?\n", "\r\n", text) if "\r\n" in before else text


def parse_settings(text: str | None) -> dict[str, Any]:
    """A JSON object, empty for no text; `ValueError` for anything else, and where a name is there twice."""
    if text is None or not text.strip():
        return {}
    try:
        settings = json.loads(text, object_pairs_hook=_each_once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(settings, dict):
        raise ValueError("it holds no object")
    return settings


def settings_text(settings: dict[str, Any], before: str | None) -> str:
    """JSON in the file's own indentation and ends of lines; half of a character stays in its escaped form."""
    before = before or ""
    indented = re.search(r"\n([ \t]+)\"", before)
    indent = indented[1] if indented else 2
    text = json.dumps(settings, indent=indent, ensure_ascii=False)
    if re.search("[\ud800-\udfff]", text):
        text = json.dumps(settings, indent=indent)
    return ended_like(text if before.strip() and not before.endswith("\n") else text + "\n", before)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name that is there twice one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number]))
        raise ValueError(f"{twice!r} is there twice")
    return found
