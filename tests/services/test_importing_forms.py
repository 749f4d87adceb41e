"""Calls that are filled into a form are the calls that would have been made ready one by one."""

from __future__ import annotations

import gc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesession.prices.book import PriceBook
from codesession.services.importing.forms import Forms
from support.logs import (
    NOON_MS,
    SAMPLES,
    Line,
    claude_line,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    ledger,
    write_log,
)

Rows = list[tuple[Any, ...]]


def imported(logs: Path, folder: Path) -> Rows:
    """All columns of all calls but the first two, which are by chance."""
    folder.mkdir()
    with ledger(folder) as kept:
        kept.run(logs)
        kept.check()
        return sorted((row[2:] for row in kept.query("SELECT * FROM model_requests")), key=repr)


def one_by_one(logs: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """The same without any form."""
    with monkeypatch.context() as patched:
        patched.setattr(Forms, "fill", lambda *_: None)
        patched.setattr(Forms, "fill_plain", lambda *_: None)
        return imported(logs, folder)


def claude(number: int, **fields: Any) -> Line:
    """A call of its own."""
    said = {"output": 100 + number, **fields}
    return claude_line(f"m{number}", request_id=f"r{number}", at_ms=NOON_MS + number * 400_000, **said)


def test_forms_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models, periods of a rollup, odd names, cut answers and copies: every column is what it was."""
    lines = [claude(number, model=f"claude-{('opus', 'sonnet')[number % 2]}-4-6") for number in range(20)]
    odd = [claude(30, session="séance"), claude(31, model="local-model"), claude(32, version="2.1.90"), lines[3]]
    write_log(tmp_path / "logs" / "a.jsonl", [*lines, *odd])
    turns = [codex_meta("t"), codex_turn("t1"), *(codex_record(f"resp_{number}\x00", "t") for number in range(5))]
    write_log(tmp_path / "logs" / "rollout-b.jsonl", turns)
    rows = imported(tmp_path / "logs", tmp_path / "filled")
    assert len(rows) == 28
    assert rows == one_by_one(tmp_path / "logs", tmp_path / "single", monkeypatch)


@pytest.mark.parametrize("agent", sorted(folder.name for folder in SAMPLES.iterdir() if folder.is_dir()))
def test_samples_are_the_same_with_forms(agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every format, as agents really write it."""
    assert imported(SAMPLES / agent, tmp_path / "filled") == one_by_one(
        SAMPLES / agent, tmp_path / "single", monkeypatch
    )


def test_a_price_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Calls are kept without a price, as without forms."""
    broken = tmp_path / "pricing.json"
    broken.write_text("{")
    book = PriceBook.load(overrides_path=broken)
    write_log(tmp_path / "logs" / "a.jsonl", [claude(1), claude(2)])
    with ledger(tmp_path / "home") as kept:
        kept.recording._prices = lambda: book
        kept.run(tmp_path / "logs")
        assert kept.recording.problem
        assert kept.query("SELECT COUNT(*) FROM model_requests WHERE cost_picousd IS NULL") == [(2,)]


def test_most_calls_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What logs are full of has a form."""
    found: list[object] = []

    def noted(fill: Any) -> Any:
        return lambda *call: found.append(filled := fill(*call)) or filled

    for name in ("fill", "fill_plain"):
        monkeypatch.setattr(Forms, name, noted(getattr(Forms, name)))
    write_log(tmp_path / "logs" / "a.jsonl", [claude(number) for number in range(9)])
    imported(tmp_path / "logs", tmp_path / "ledger")
    assert len(found) == 9
    assert None not in found


_COUNT = st.sampled_from([0, 1, 7, 90, 1000, 250_000])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(
            {"output": _COUNT, "session": st.sampled_from(["s1", "s2", "séance"])},
            optional={
                "model": st.sampled_from(["claude-opus-4-6", "claude-sonnet-4-5", "nobody-knows", None]),
                "version": st.sampled_from(["2.1.330", "2.1.90"]),
                "gitBranch": st.sampled_from(["main", "", "b\x00"]),
                "cwd": st.sampled_from(["/a", "/b", None]),
                "isSidechain": st.booleans(),
                "agentId": st.sampled_from(["a1", "a2"]),
                "requestSessionId": st.sampled_from(["s1", "other"]),
                "sessionKind": st.just("bg"),
            },
        ),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.tuples(_COUNT, st.sampled_from(["a", "b"]), st.booleans()), max_size=6),
)
def test_plain_calls_and_sightings_give_the_same_rows(
    monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, Any]], records: list[tuple[int, str, bool]]
) -> None:
    """Whatever calls of one file differ in, nothing of one gets into the row of another."""
    lines = [claude(number, **call) for number, call in enumerate(calls)]
    turns = [codex_meta("t"), codex_turn("t1")]
    for number, (tokens, thread, turned) in enumerate(records):
        turns += [codex_turn(f"u{number}", model=f"gpt-5.{number % 2}")] if turned else []
        record = codex_record(f"resp_{number}", thread, turn=f"u{number}")
        record["payload"]["usage"] = codex_usage(8000 + tokens, 100 + tokens)
        turns.append(record)
    with TemporaryDirectory() as name:
        logs = Path(name) / "logs"
        write_log(logs / "a.jsonl", lines)
        write_log(logs / "b.jsonl", lines[1:] + lines[:1])
        write_log(logs / "rollout-b.jsonl", turns)
        assert imported(logs, Path(name) / "filled") == one_by_one(logs, Path(name) / "single", monkeypatch)


def test_a_file_that_was_read_leaves_nothing(tmp_path: Path) -> None:
    """Helpers look for no circles: one per file would keep every row of a large import in memory."""
    for name in ("a", "b"):
        write_log(tmp_path / "logs" / f"{name}.jsonl", [claude(number, session=name) for number in range(9)])
    with ledger(tmp_path / "home") as kept:
        kept.run(tmp_path / "logs")
        write_log(tmp_path / "logs" / "c.jsonl", [claude(50, session="c"), claude(51, session="c")])
        gc.collect()
        gc.disable()
        try:
            kept.run(tmp_path / "logs")
            assert not [found for found in gc.get_objects() if isinstance(found, Forms)]
        finally:
            gc.enable()
