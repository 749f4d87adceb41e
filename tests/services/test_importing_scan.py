"""Which files have something new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from codesession.domain.imports import ImportCursor
from codesession.importers.claude_code import ClaudeCode
from codesession.services.importing import scan


def read(path: Path, cursor: ImportCursor, since_ms: int | None = None) -> tuple[ImportCursor, list[bytes]]:
    """One pass: the lines it saw and the cursor after it."""
    now = scan.stamp(str(path))
    assert now is not None
    log = scan.begin(ClaudeCode(), cursor, now, path.parent, since_ms)
    resumed = log.start > 0
    found = list(log.lines())
    return scan.finish(cursor, log, now, resumed=resumed, lines=len(found)), found


def test_an_unchanged_file_has_no_news(tmp_path: Path) -> None:
    """`stat` alone says so."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n')
    stamp = scan.stamp(str(path))
    assert stamp is not None
    assert scan.has_news(None, stamp, None)
    cursor, _ = read(path, ImportCursor(agent_name="x", path=str(path)))
    assert not scan.has_news(cursor, stamp, None)
    assert scan.has_news(cursor, stamp._replace(modified_ns=1), None)


def test_a_file_older_than_the_wanted_days_is_not_opened(tmp_path: Path) -> None:
    """Its last change was before the first wanted call."""
    path = tmp_path / "a.jsonl"
    path.touch()
    stamp = scan.stamp(str(path))
    assert stamp is not None
    assert not scan.has_news(None, stamp, stamp.modified_ns // 1_000_000 + 1)
    assert scan.has_news(None, stamp, stamp.modified_ns // 1_000_000)


def test_a_file_that_is_gone_has_no_stamp(tmp_path: Path) -> None:
    """What was imported from it stays."""
    assert scan.stamp(str(tmp_path / "gone")) is None


def test_companions_belong_to_the_stamp(tmp_path: Path) -> None:
    """A database changes in its write-ahead log first."""
    path = tmp_path / "a.db"
    path.write_bytes(b"12")
    before = scan.stamp(str(path), ("-wal",))
    (tmp_path / "a.db-wal").write_bytes(b"345")
    after = scan.stamp(str(path), ("-wal",))
    assert before is not None
    assert after is not None
    assert after.size == before.size + 3


def test_reading_goes_on_behind_what_was_read(tmp_path: Path) -> None:
    """Counts of earlier passes are added to, the cut tail is told once."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\nbroken\n{"a": 2')
    cursor, found = read(path, ImportCursor(agent_name="x", path=str(path)))
    assert (found, cursor.lines, cursor.bad_lines) == ([b'{"a": 1}'], 1, 2)
    path.write_bytes(path.read_bytes() + b'}\n{"a": 3}\n')
    cursor, found = read(path, cursor)
    assert (found, cursor.lines, cursor.bad_lines) == ([b'{"a": 2}', b'{"a": 3}'], 3, 1)
    assert cursor.bad_named == '[[2,"not a JSON object"]]'


def test_a_changed_beginning_or_a_shorter_file_is_read_as_a_whole(tmp_path: Path) -> None:
    """The old position means nothing in another file."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n')
    cursor, _ = read(path, ImportCursor(agent_name="x", path=str(path)))
    path.write_bytes(b'{"b": 1}\n{"b": 2}\n{"b": 3}\n')
    again, found = read(path, cursor)
    assert (len(found), again.lines) == (3, 3)
    path.write_bytes(b'{"b": 1}\n')
    assert len(read(path, again)[1]) == 1


def test_older_calls_are_read_when_they_are_wanted_now(tmp_path: Path) -> None:
    """A cursor that left some out does not count as read for a wider wish."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n')
    cursor, _ = read(path, ImportCursor(agent_name="x", path=str(path)))
    stamp = scan.stamp(str(path))
    assert stamp is not None
    narrow = replace(cursor, since_ms=1000)
    assert scan.has_news(narrow, stamp, None)
    assert scan.has_news(narrow, stamp, 999)
    assert not scan.has_news(narrow, stamp, 1000)
    assert len(read(path, narrow)[1]) == 1
