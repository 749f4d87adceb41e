"""Reading lines that are being written, cut, or not text at all."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesession.importers import jsonl
from codesession.importers.base import LogFile


def lines_of(path: Path, *needles: bytes, log: LogFile | None = None) -> list[bytes]:
    """The wanted lines of one pass."""
    return list((log or LogFile(path=path, root=path.parent)).lines(*needles))


def test_only_lines_with_a_needle_are_handed_out(tmp_path: Path) -> None:
    """What nobody wants is not looked at twice."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b": 2}\n{"a": 3}\n')
    assert lines_of(path, b'"a"') == [b'{"a": 1}', b'{"a": 3}']


def test_a_cut_last_line_is_read_from_its_start_next_time(tmp_path: Path) -> None:
    """The agent was writing while we read."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2, "text": "un')
    log = LogFile(path=path, root=tmp_path)
    assert lines_of(path, log=log) == [b'{"a": 1}']
    assert (log.cut_tail, log.start, log.bad_count) == (True, 9, 0)

    with path.open("ab") as file:
        file.write(b'finished"}\n')
    assert lines_of(path, log=log) == [b'{"a": 2, "text": "unfinished"}']
    assert (log.cut_tail, log.line_number, log.bad_count) == (False, 2, 0)


def test_a_last_line_that_is_whole_needs_no_end(tmp_path: Path) -> None:
    """Some agents write the end of a line before the next one."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2}')
    assert lines_of(path) == [b'{"a": 1}', b'{"a": 2}']


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n',
        b'\x00\x00\x00{"a": 1}\n\x00\x00\n{"a": 2}\x00\n',
        b'\n\n  {"a": 1}  \n\t{"a": 2}\n\n',
    ],
    ids=["byte order mark and CRLF", "NUL bytes", "blank lines"],
)
def test_what_surrounds_a_line_is_taken_off(tmp_path: Path, content: bytes) -> None:
    """Editors, crashes and other systems leave their marks."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    log = LogFile(path=path, root=tmp_path)
    assert lines_of(path, log=log) == [b'{"a": 1}', b'{"a": 2}']
    assert log.bad_count == 0


def test_an_unreadable_line_is_counted_and_named(tmp_path: Path) -> None:
    """Never fatal, never silent; only the first ones are named."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\nnot json\n{"a": 2}\n' + b"{broken\n" * 30)
    log = LogFile(path=path, root=tmp_path)
    assert len(lines_of(path, log=log)) == 2
    assert log.bad_count == 31
    assert [line.number for line in log.bad_lines[:2]] == [2, 4]
    assert len(log.bad_lines) == 20


BROKEN = (b'{"b": }', b'{"b": 2}{"c": 3}', b'{"b": "cut}', b'{"b": [1}', b"{" + b'"b": {' * 20_000 + b"}" * 20_001)
READABLE = (b'{"b": "\\ud83d"}', b'{"b": "\xff"}', b'{"b": NaN}', b'{"b": 1e999}', b'{"b": "a\tb"}', b'{"b": 2}')


@pytest.mark.parametrize("loaded", [True, False])
def test_a_line_that_nobody_wants_is_counted_where_it_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    """The first and the last byte may be right; what costs a text its meaning does not cost the line its own."""
    if not loaded:
        monkeypatch.delitem(sys.modules, "msgspec", raising=False)
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\n".join([b'{"a": 1}', *READABLE, *BROKEN, b'{"a": 2}', b""]))
    log = LogFile(path=path, root=tmp_path)
    assert lines_of(path, b'"a"', log=log) == [b'{"a": 1}', b'{"a": 2}']
    assert [line.number for line in log.bad_lines] == list(range(8, 13))


def test_a_line_of_twenty_megabytes_is_a_line(tmp_path: Path) -> None:
    """Tool results can hold whole files."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 20_000_000 + b'"}\n{"a": 1}\n')
    assert [len(line) for line in lines_of(path)] == [20_000_012, 8]


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(blacklist_characters="\n\r", codec="utf-8"), max_size=30), max_size=8),
    cuts=st.lists(st.integers(0, 400), max_size=4),
)
def test_pieces_give_the_lines_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], cuts: list[int]
) -> None:
    """However the writing of a file is cut into passes, each line is handed out exactly once."""
    import json

    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    wanted = [json.dumps({"n": n, "t": text}, ensure_ascii=False).encode() for n, text in enumerate(texts)]
    whole = b"".join(line + b"\n" for line in wanted)
    log = LogFile(path=path, root=path.parent)
    found: list[bytes] = []
    for end in [*sorted(cuts), len(whole)]:
        path.write_bytes(whole[:end])
        found += log.lines()
    assert found == wanted
    assert log.bad_count == 0


def test_a_string_is_found_without_decoding_its_line() -> None:
    """White space after the colon is accepted, paths of Windows are unescaped, other values are no strings."""
    assert jsonl.scan_string(b'{"id" : "a-1", "id": "b"}', b"id") == "a-1"
    assert jsonl.scan_string(rb'{"cwd":"C:\\work\\app"}', b"cwd") == "C:\\work\\app"
    assert jsonl.scan_string(b'{"id": null, "x": "y"}', b"id") is None
    assert jsonl.scan_string(b'{"id": "cut', b"id") is None
    assert jsonl.scan_string(b"{}", b"id") is None


def test_a_compressed_log_reads_like_a_plain_one(tmp_path: Path) -> None:
    """Old rollouts are kept as .zst."""
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "log.jsonl.zst"
    path.write_bytes(zstandard.compress(b'{"a": 1}\n{"a": 2}\n'))
    log = LogFile(path=path, root=tmp_path)
    assert lines_of(path, log=log) == [b'{"a": 1}', b'{"a": 2}']
    assert lines_of(path, log=log) == []


def test_a_compressed_log_in_frames_is_read_to_its_end_and_a_cut_one_is_named(tmp_path: Path) -> None:
    """What is missing is never passed over in silence."""
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "log.jsonl.zst"
    first, second = (zstandard.compress(b'{"a": %d}\n' % number) for number in (1, 2))
    path.write_bytes(first + second)
    assert lines_of(path) == [b'{"a": 1}', b'{"a": 2}']
    for broken in (first + second[:-3], first + b"no frame at all"):
        path.write_bytes(broken)
        log = LogFile(path=path, root=tmp_path)
        with pytest.raises(OSError, match="compress"):
            lines_of(path, log=log)


def test_a_small_blob_takes_little_memory_to_unpack() -> None:
    """Whatever it may grow to at most: agents' databases hold one for every event, and memory may be short."""
    zstandard = pytest.importorskip("zstandard")
    blob = zstandard.compress(b"a" * 1000) + zstandard.compress(b"b" * 1_000_000)
    tracemalloc.start()
    try:
        assert jsonl.unpacked(blob) == b"a" * 1000 + b"b" * 1_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(OSError, match="broken compressed data"):
        jsonl.unpacked(b"no zstd")
