"""
JSON as agents leave it: whole files, lines, and JSON inside of strings.

Whatever is no JSON, or nested without end, is None to the caller, who counts it.
"""

from __future__ import annotations

import json
from pathlib import Path

from codesession.importers.jsonl import open_log, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codesession.importers.base import LogFile

_SPACE = b" \t\r\n\x00"
_BOM = b"\xef\xbb\xbf"


def decode(raw: bytes | str | None) -> Any | None:
    """
    A JSON value; None for what is none.

    The fast decoder is strict; what it refuses (half a surrogate pair, invalid UTF-8, NaN) the lenient one may read.
    """
    if not raw:
        return None
    import msgspec

    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return _leniently(raw)


def decode_object(raw: bytes | str | None) -> dict[str, Any] | None:
    """A JSON object; None for anything else."""
    found = decode(raw)
    return found if isinstance(found, dict) else None


def objects(log: LogFile, *needles: bytes) -> Iterator[dict[str, Any]]:
    """The new lines of a log, as `LogFile.lines` chooses them; one that is no JSON object is counted as unreadable."""
    for line in log.lines(*needles):
        found = decode_object(line)
        if found is None:
            log.bad_line("broken JSON")
        else:
            yield found


def _leniently(raw: bytes | str) -> Any | None:
    try:
        return json.loads(text_of(raw) if isinstance(raw, bytes) else raw, strict=False)
    except (ValueError, RecursionError):  # no JSON: the caller counts it
        return None


def read_document(log: LogFile) -> Any | None:
    """The JSON value a whole file holds; None, and one unreadable line, for what is none. Raises `OSError`."""
    with open_log(log.path) as file:
        raw = file.read()
    found = decode(raw.strip(_SPACE).removeprefix(_BOM).strip(_SPACE))
    if found is None and raw.strip(_SPACE):
        log.bad_line("not a JSON document", 1)
    return found


def read_side_file(path: Path) -> Any | None:
    """A JSON file beside a log that only adds context; None when it is missing or broken."""
    try:
        return decode(path.read_bytes())
    except OSError:  # context is a comfort: the calls are read without it
        return None


def child(value: object, *names: str) -> dict[str, Any]:
    """The object under nested names; empty where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def children(value: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list; empty where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
