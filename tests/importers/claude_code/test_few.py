"""The first lines of a process are read as all others are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.importers.base import LogFile
from codesession.importers.claude_code import ClaudeCode, few, lines, transcript
from support.logs import claude_line

SAMPLES = sorted((Path(__file__).parents[1] / "data").glob("**/*claude*/**/*.jsonl"))
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just([]), st.just({"sessionId": "p"})
)
LINES = st.builds(
    lambda fields, message: claude_line(**fields) | ({"message": message} if message != 0 else {}),
    st.dictionaries(st.sampled_from([*few._STRINGS, "isSidechain", "forkedFrom", "error", "isApiErrorMessage"]), ODD),
    st.one_of(
        st.just(0), ODD, st.dictionaries(st.sampled_from(["id", "model", "usage", "content", "stop_details"]), ODD)
    ),
)


def told(line: few.Line | lines.Line | None) -> dict[str, Any] | None:
    """All that a transcript asks a line for."""
    if line is None:
        return None
    message = line.message
    names = (*few._STRINGS, "origin", "isSidechain", "is_error", "conversation")
    found = {name: getattr(line, name) for name in names}
    if message is not None:
        found |= {"id": message.id, "model": message.model, "counts": message.counts(), "final": message.is_final}
        found |= {"written": message.written()}
    return found


@given(LINES)
def test_what_is_plain_is_read_as_typed_lines_are(line: dict[str, Any]) -> None:
    """Whatever its fields hold; what is not plain is left to them."""
    raw = json.dumps(line).encode()
    plain = few.plain_line(raw)
    if plain is not None:
        assert told(plain) == told(lines.decode(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":9999999999999999999}',
        b'{"type":1}',
        b'{"message":[]}',
        b'{"forkedFrom":"p"}',
        b'{"isSidechain":"yes"}',
    ],
)
def test_what_leaves_a_doubt_is_left_to_typed_lines(raw: bytes) -> None:
    """Broken JSON, half characters, numbers that do not fit, other types."""
    assert few.plain_line(raw) is None


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_log_gives_the_same_calls_either_way(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every recorded transcript."""
    typed = list(ClaudeCode().read(LogFile(path=path, root=path.parent)))
    monkeypatch.setattr(transcript, "decoder", lambda: lambda raw: few.plain_line(raw) or lines.decode(raw))
    assert list(ClaudeCode().read(LogFile(path=path, root=path.parent))) == typed


def test_after_a_few_lines_typed_ones_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log is worth loading what reads it faster; where it is loaded, it is taken from the start."""
    assert few.decoder() is lines.decode
    monkeypatch.setattr(few, "_first", iter(range(1)))
    raw = json.dumps(claude_line()).encode()
    assert isinstance(few._decode(raw), few.Line)
    assert isinstance(few._decode(raw), lines.Line)
