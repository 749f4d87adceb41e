"""What `cs import --path DIR --json` says of every recorded log, against what is known of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesession.contract_imports import import_json
from codesession.services.importing.service import ImportRequest
from support.logs import SAMPLES, Ledger

BESIDE = Path(__file__).parents[3] / "shared" / "agents" / "logs"
"""A larger collection, where it lies beside this checkout."""

OWN = {
    "claude_code/claude-1.0.60": (3, 9, 24_000, 3000, 600, 963, 0),
    "claude_code/claude-2.1.94": (3, 9, 24_000, 3000, 600, 6, 3),
    "claude_code/claude-2.1.330": (14, 42, 112_000, 14_000, 2800, 3218, 4),
    "codex/codex-0.77.0": (3, 3000, 24_000, 0, 0, 963, 0),
    "codex/codex-0.104.0": (7, 7000, 56_000, 0, 0, 2247, 0),
    "codex/codex-0.125.0": (7, 7000, 56_000, 0, 0, 2247, 0),
    "codex/codex-0.169.0-run1": (2, 2000, 16_000, 0, 0, 642, 0),
    "codex/codex-0.169.0-run2": (3, 3000, 24_000, 0, 0, 963, 0),
    "codex/codex-0.169.0-tiers": (2, 2000, 16_000, 0, 0, 642, 0),
    "openclaw/openclaw-2026.9.6": (2, 6, 16_000, 2000, 400, 642, 0),
    "gemini/gemini-0.61.0": (2, 2000, 16_000, 0, 0, 642, 0),
    "qwen/qwen-0.24.4": (2, 2000, 16_000, 0, 0, 642, 0),
    "pi/pi-0.73.1": (4, 2006, 32_000, 2400, 0, 1284, 0),
    "droid/droid-0.225.2": (1, 3, 8000, 1200, 0, 321, 1),
    "copilot/copilot-1.0.102": (2, 6, 16_000, 2400, 0, 642, 0),
    "cline/cline-3.0.65": (2, 2000, 16_000, 0, 0, 642, 0),
}
"""Calls, uncached input, cache reads, five-minute and one-hour writes, output, lower bounds."""


def _answer(imported: Ledger, path: Path) -> dict[str, Any]:
    """The only agent's share of the answer."""
    (agent,) = import_json(imported.service.run(ImportRequest(path=path)))["agents"]
    found: dict[str, Any] = agent
    return found


@pytest.mark.parametrize("sample", OWN)
def test_the_answer_is_what_the_api_said(imported: Ledger, sample: str) -> None:
    """Uncached input and the parts of the cache add up to what the API billed; a second run says the same."""
    first = _answer(imported, SAMPLES / sample)
    assert (first["calls"], *first["tokens"].values(), first["lowerBounds"]) == OWN[sample]
    again = _answer(imported, SAMPLES / sample)
    assert again == {**first, "newCalls": 0, "filesRead": 0}
    imported.check()


def _expected() -> dict[str, dict[str, Any]]:
    listed = BESIDE / "EXPECTED.json"
    found = json.loads(listed.read_bytes()) if listed.exists() else {}
    return {name: value for name, value in found.items() if isinstance(value, dict)}


def _tokens(wanted: dict[str, Any]) -> dict[str, int]:
    """What is expected in the terms of the answer; only what it names."""
    wanted = wanted.get("session_total", wanted)
    cached = wanted.get("cached", wanted.get("cache_read"))
    reasoning = wanted.get("thoughts", wanted.get("reasoning", 0) if "by_session" in wanted else 0)
    named = {
        "input": wanted["input"] if "input" in wanted else wanted.get("input_incl_cached"),
        "cacheRead": cached,
        "cacheWrite5m": wanted.get("cache_write_5m"),
        "cacheWrite1h": wanted.get("cache_write_1h"),
        "output": None if "output" not in wanted else wanted["output"] + reasoning,
    }
    if "input_incl_cached" in wanted:
        named["input"] = wanted["input_incl_cached"] - cached
    return {name: value for name, value in named.items() if value is not None}


def _place(name: str, expected: dict[str, Any]) -> Path:
    """The folder or the one file that the figures are of; Copilot's database holds a session more than its file."""
    if name.startswith("copilot"):
        return next((BESIDE / expected["folder"]).rglob("events.jsonl"))
    relative = expected.get("folder") or expected.get("file") or expected["glob"].split("*")[0]
    return BESIDE / str(relative)


@pytest.mark.parametrize("name", sorted(_expected()))
def test_the_answer_is_what_is_expected(imported: Ledger, name: str) -> None:
    """Calls, tokens, unreadable lines and who made the calls."""
    expected = _expected()[name]
    wanted = expected["importable"]
    if name.startswith("opencode"):  # reasoning is counted beside the output there
        wanted = {**wanted, "by_session": True}
    found = _answer(imported, _place(name, expected))
    calls = [wanted[unit] for unit in ("messages", "responses", "calls") if unit in wanted]
    assert [found["calls"]] == (calls or [expected["truth_calls"]])
    assert found["tokens"].items() >= _tokens(wanted).items()
    if "unparseable_lines" in expected:
        assert found["badLines"] == expected["unparseable_lines"]
    owners = wanted.get("by_thread") or expected.get("messages_by_originating_session") or {}
    if owners and "" not in owners:
        assert imported.calls_by_conversation() == owners
    if "sidechain_messages" in wanted:
        by_subagents = imported.query("SELECT COUNT(*) FROM model_requests WHERE subagent_id IS NOT NULL")
        assert by_subagents == [(wanted["sidechain_messages"],)]
    imported.check()
