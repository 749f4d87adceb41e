"""
Which log files have something new, told by `stat` alone wherever nothing has.

A file that was only appended to is read on from where the last pass stopped. One that shrank, was replaced or
whose beginning changed is read again as a whole: every call has its identity, so nothing is counted twice and
nothing is taken back.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from codesession.domain.digests import digest
from codesession.domain.facts import NamedTuple, replace
from codesession.domain.imports import ImportCursor
from codesession.importers.base import LogFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.importers.base import Importer

_HEAD = 1024
_json = json.JSONEncoder(separators=(",", ":")).encode
_NAMED = 20
CUT = "no end yet"
"""Why a last line was not read: it is being written, or was cut off; it is read from its start next time."""


class Stamp(NamedTuple):
    """What `stat` says about a log and its companions."""

    device: int
    inode: int
    size: int
    modified_ns: int


def stamp(path: str, companions: tuple[str, ...] = ()) -> Stamp | None:
    """A file's stamp; None when it is gone."""
    try:
        found = os.stat(path)  # plain strings: three times faster over a hundred thousand files
    except OSError:  # vanished since it was listed: what was imported stays
        return None
    size, modified = found.st_size, found.st_mtime_ns
    for suffix in companions:
        beside = stamp(path + suffix)
        if beside is not None:
            size, modified = size + beside.size, max(modified, beside.modified_ns)
    return Stamp(_signed(found.st_dev), _signed(found.st_ino), size, modified)


def has_news(cursor: ImportCursor | None, now: Stamp, since_ms: int | None) -> bool:
    """Whether a file must be looked into."""
    if cursor is None:
        return since_ms is None or now.modified_ns // 1_000_000 >= since_ms
    known = (cursor.device, cursor.inode, cursor.size, cursor.modified_ns)
    return known != tuple(now) or _wants_older(cursor, since_ms)


def begin(importer: Importer, cursor: ImportCursor, now: Stamp, root: Path, since_ms: int | None) -> LogFile:
    """The pass over a file that brings its cursor up to date."""
    log = LogFile(path=Path(cursor.path), root=root)
    if not importer.appends:
        log.state = json.loads(cursor.state) if cursor.state and not _wants_older(cursor, since_ms) else {}
        return log
    if _continues(cursor, now) and not _wants_older(cursor, since_ms):
        log.start, log.line_number, log.first_ms = cursor.start, cursor.line_number, cursor.first_ms
        log.state = json.loads(cursor.state) if cursor.state else {}
    return log


def finish(cursor: ImportCursor, log: LogFile, now: Stamp, *, resumed: bool, lines: int) -> ImportCursor:
    """The cursor after a pass. `resumed` adds to what earlier passes counted, otherwise the pass counted all."""
    length, head = _head(cursor.path, now.size)
    named = [[line.number, line.reason] for line in log.bad_lines]
    bad = log.bad_count
    if resumed:
        known = [pair for pair in json.loads(cursor.bad_named or "[]") if pair[1] != CUT]
        bad += cursor.bad_lines - ([CUT] in [pair[1:] for pair in json.loads(cursor.bad_named or "[]")])
        named = [*known, *named]
    if log.cut_tail:
        bad += 1
        named = [*named[: _NAMED - 1], [log.line_number + 1, CUT]]
    return replace(
        cursor,
        device=now.device,
        inode=now.inode,
        size=now.size,
        modified_ns=now.modified_ns,
        head_length=length,
        head_hash=head,
        start=log.start,
        line_number=log.line_number,
        first_ms=log.first_ms,
        state=_json(log.state) if log.state else "",
        lines=lines + (cursor.lines if resumed else 0),
        bad_lines=bad,
        bad_named=_json(named[:_NAMED]) if named else "",
    )


def _continues(cursor: ImportCursor, now: Stamp) -> bool:
    """Whether what was read before is still there, unchanged, in front of the rest."""
    same_file = (cursor.device, cursor.inode) == (now.device, now.inode)
    if not same_file or cursor.start == 0 or now.size < cursor.start:
        return False
    return _head(cursor.path, cursor.head_length) == (cursor.head_length, cursor.head_hash)


def _head(path: str, size: int) -> tuple[int, str]:
    length = min(size, _HEAD)
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(length)
    except OSError:  # gone meanwhile: the next pass begins anew
        return 0, ""
    return len(head), digest(head, 16)


def _wants_older(cursor: ImportCursor, since_ms: int | None) -> bool:
    """Whether the last pass left out calls that this one is to have."""
    return cursor.since_ms is not None and (since_ms is None or since_ms < cursor.since_ms)


def _signed(value: int) -> int:
    """Some file systems number beyond 63 bits; the ledger's columns end there."""
    return value & (2**63 - 1)
