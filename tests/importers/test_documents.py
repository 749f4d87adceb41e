"""JSON as agents leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.importers.base import LogFile
from codesession.importers.documents import child, children, decode, decode_object, read_document, read_side_file


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
        (b'{"a": "x\ny"}', {"a": "x\ny"}),
        (b'{"a"', None),
        (b"[" * 100_000, None),
        (b"", None),
        (None, None),
    ],
)
def test_what_is_json_is_read_and_what_is_none_is_none(raw: bytes | None, value: object) -> None:
    """Half a surrogate pair, invalid UTF-8 and raw line ends are read; endless nesting is not."""
    assert decode(raw) == value


def test_an_object_is_asked_for_by_name() -> None:
    """Anything else is none."""
    assert decode_object("[1]") is None
    assert decode_object('{"a": 1}') == {"a": 1}


def test_nested_objects_are_found_or_empty() -> None:
    """No type at any depth can fail the reader."""
    assert child({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert child({"a": [1]}, "a", "b") == {}
    assert child(None, "a") == {}
    assert children({"a": [{"b": 1}, 2, None]}, "a") == [{"b": 1}]
    assert children({"a": {"b": 1}}, "a") == []


def test_a_broken_document_is_one_unreadable_line(tmp_path: Path) -> None:
    """A byte order mark and NULs are no reason to fail; an empty file is nothing at all."""
    path = tmp_path / "log.json"
    for raw, bad in ((b"\xef\xbb\xbf[1]\x00\x00", 0), (b"[1", 1), (b"", 0)):
        path.write_bytes(raw)
        log = LogFile(path=path, root=tmp_path)
        assert (read_document(log), log.bad_count) == (None if bad or not raw else [1], bad)


def test_a_missing_side_file_is_no_context(tmp_path: Path) -> None:
    """The calls count without it."""
    assert read_side_file(tmp_path / "state.json") is None
