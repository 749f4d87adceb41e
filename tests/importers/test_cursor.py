"""Cursor's exported usage."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.importers.base import LogFile, Places
from codesession.importers.cursor import Cursor
from support.logs import NOON_MS, Ledger, iso, read_all, write_log

HEADINGS = (
    "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost"
)


def event(at_ms: int = NOON_MS, *, charged: float = 15.66, **fields: Any) -> dict[str, Any]:
    """A usage event of the Admin API."""
    usage = {
        "inputTokens": 1234,
        "outputTokens": 567,
        "cacheWriteTokens": 0,
        "cacheReadTokens": 8901,
        "totalCents": 12.34,
    }
    return {
        "timestamp": str(at_ms),
        "model": "claude-4.6-opus-high-thinking",
        "kind": "USAGE_EVENT_KIND_USAGE_BASED",
        "tokenUsage": usage,
        "userEmail": "a@example.com",
        "cursorTokenFee": 3.32,
        "isChargeable": charged > 0,
        "chargedCents": charged,
    } | fields


def page(path: Path, *events: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"totalUsageEventsCount": len(events), "usageEventsDisplay": events}, indent=2))
    return path


def test_what_was_charged_is_cursors_word_and_what_was_included_is_priced(imported: Ledger, tmp_path: Path) -> None:
    """A page again, or overlapping ones, change nothing."""
    page(tmp_path / "1.json", event(), event(NOON_MS + 1, charged=0))
    page(tmp_path / "2.json", event(NOON_MS + 1, charged=0), event(NOON_MS + 2))
    for _ in range(2):
        imported.run(tmp_path)
    rows = imported.query("SELECT cost_picousd, cost_status, input_tokens FROM model_requests ORDER BY started_at_ms")
    listed = 1234 * 5_000_000 + 8901 * 500_000 + 567 * 25_000_000
    assert rows == [
        (156_600_000_000, "reported", 10135),
        (listed, "list_price", 10135),
        (156_600_000_000, "reported", 10135),
    ]


def test_equal_events_of_one_file_are_different_calls(tmp_path: Path) -> None:
    """Nothing but their number tells them apart."""
    path = page(tmp_path / "1.json", event(), event())
    assert len({call.observation.response.response_id for call in read_all(Cursor(), path)}) == 2


@pytest.mark.parametrize("form", ["list", "lines", "pages by line"])
def test_events_come_in_several_wrappings(tmp_path: Path, form: str) -> None:
    """A list of events, one event per line, one page per line."""
    if form == "list":
        path = tmp_path / "1.json"
        path.write_text(json.dumps([event()]))
    else:
        lines = [event()] if form == "lines" else [{"usageEvents": [event()]}]
        path = write_log(tmp_path / "1.jsonl", lines)
    assert Cursor().recognises(path, path.read_bytes())
    assert len(read_all(Cursor(), path)) == 1


@pytest.mark.parametrize(
    ("row", "counts", "usd"),
    [
        ("On-Demand,gpt-5.5,No,100,1000,5000,50,6150,$0.12", (6100, 100, 5000, 50), "0.12"),
        ("On-Demand,gpt-5.5,No,1100,1000,5000,50,6150,0.12", (6100, 100, 5000, 50), "0.12"),
        ("Included,gpt-5.5,No,0,1000,0,50,1050,Included", (1000, 0, 0, 50), None),
        ('"Included in Pro",gpt-5.5,No,"0","1,000","0","50","1,050","$0.04"', (1000, 0, 0, 50), None),
    ],
)
def test_rows_of_the_dashboard(tmp_path: Path, row: str, counts: tuple[int, ...], usd: str | None) -> None:
    """The row's total tells what its columns hold."""
    path = tmp_path / "usage.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADINGS}\r\n{iso(NOON_MS)},{row}\r\n".encode())
    assert Cursor().recognises(path, path.read_bytes())
    (call,) = read_all(Cursor(), path)
    usage = call.observation.response.usage
    assert usage is not None
    found = (usage.input_tokens, usage.cache_write_input_tokens, usage.cache_read_input_tokens, usage.output_tokens)
    assert found == counts
    assert call.observation.response.facts.reported_cost_usd == (Decimal(usd) if usd else None)


def test_hostile_exports_are_counted(tmp_path: Path) -> None:
    """Requests without counts are no calls; what has no time cannot be booked."""
    path = page(
        tmp_path / "1.json", event(tokenUsage=None), event(timestamp="x"), event(tokenUsage={"inputTokens": "x"})
    )
    log = LogFile(path=path, root=tmp_path)
    assert list(Cursor().read(log)) == []
    assert log.bad_count == 1
    (tmp_path / "2.json").write_text("[1, null]")
    assert read_all(Cursor(), tmp_path / "2.json") == []
    lines = LogFile(path=write_log(tmp_path / "3.jsonl", [b'{"tokenUsage": }']), root=tmp_path)
    assert list(Cursor().read(lines)) == []
    assert lines.bad_count == 1


def test_there_is_no_home() -> None:
    """Only a folder that the user names is looked into."""
    assert Cursor().homes(Places(environment={}, home=Path("/h"))) == []
    assert not Cursor().recognises(Path("x.csv"), b"a,b\n")
    assert not Cursor().recognises(Path("x.json"), b'{"messages": []}')
