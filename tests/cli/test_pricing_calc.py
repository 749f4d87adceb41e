"""`cs pricing calc` as a process: records in, one line out for each, in order."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.shell import Shell

CASES = [
    case
    for path in sorted((Path(__file__).parents[1] / "prices").glob("cases*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]
ONE = {
    "id": "a",
    "provider": "anthropic",
    "model": "claude-opus-5-5",
    "at": "2026-11-01T12:00:00Z",
    "usage": {"input_tokens": 1000, "output_tokens": 100},
}


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def as_lines(records: list[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize("form", ["array", "lines"])
def test_every_case_comes_out_exact_and_in_its_place(shell: Shell, form: str) -> None:
    """Hundreds of worked cases, shuffled, through the real command."""
    cases = random.Random(1).sample(CASES, len(CASES))
    given = as_lines(cases) if form == "lines" else json.dumps(cases).encode()
    answer = shell.cs("pricing", "calc", "--json", stdin=given)
    assert (answer.code, answer.err) == (0, "")
    assert [(line["id"], line["costUsd"]) for line in lines(answer.out)] == [
        (case["id"], case["usd"]) for case in cases
    ]


def test_a_bill_shows_its_lines(shell: Shell) -> None:
    """Quantity, price with every factor in it, and sum, as exact text."""
    record = {**ONE, "usage": {"input_tokens": 1000, "output_tokens": 0, "inference_geo": "us"}}
    record["usage"]["server_tool_use"] = {"web_search_requests": 2}
    (line,) = lines(shell.cs("pricing", "calc", "--json", stdin=json.dumps(record).encode()).out)
    assert line["id"] == "a"
    assert (line["costUsd"], line["status"], line["warnings"]) == ("0.0244", "exact", [])
    assert line["model"] == "anthropic/claude-opus-5-5"
    assert "genai-prices" in line["priceVersion"]
    assert line["lines"] == [
        {"item": "uncached input", "quantity": 1000, "per1M": "4.4", "usd": "0.0044"},
        {"item": "web search requests", "quantity": 2, "per1M": "10000", "usd": "0.02"},
    ]


def test_a_bad_record_is_an_error_in_its_place(shell: Shell) -> None:
    """The others are priced; the exit status says that not all were."""
    given = as_lines([ONE, {**ONE, "id": "b", "usage": "x"}]) + b"nonsense\n" + as_lines([7, {**ONE, "id": "e"}])
    answer = shell.cs("pricing", "calc", "--json", stdin=given)
    assert answer.code == 1
    found = lines(answer.out)
    assert [line["id"] for line in found] == ["a", "b", None, None, "e"]
    assert ["error" in line for line in found] == [False, True, True, True, False]
    assert found[1]["error"]["code"] == "invalid_input"


def test_an_unknown_cost_is_null_and_no_failure(shell: Shell) -> None:
    """Not knowing is an answer."""
    answer = shell.cs("pricing", "calc", "--json", stdin=json.dumps({**ONE, "model": "acme-1"}).encode())
    (line,) = lines(answer.out)
    assert (answer.code, line["costUsd"], line["status"], line["lines"]) == (0, None, "unknown", [])
    assert line["warnings"]


def test_people_read_bills_and_a_sum(shell: Shell, tmp_path: Path) -> None:
    """From a file; unpriced and unreadable records are counted apart from the sum."""
    file = tmp_path / "calls.ndjson"
    file.write_bytes(as_lines([ONE, {**ONE, "id": "b", "model": "acme-1"}, {"id": "c"}]))
    answer = shell.cs("pricing", "calc", str(file))
    assert answer.code == 1
    assert "1,000 uncached input x $4 per 1M = $0.004" in answer.out
    assert "$0.006" in answer.out
    assert "1 unpriced" in answer.out
    assert "1 unreadable" in answer.out


def test_an_own_price_and_an_alias_count(shell: Shell) -> None:
    """As everywhere."""
    shell.cs("pricing", "set", "acme-1", "1", "2")
    (shell.home / ".codesession" / "config.toml").write_text('[aliases]\n"my-deployment" = "gpt-5"\n')
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0, "total_tokens": 1_000_000}
    given = [
        {**ONE, "provider": "acme", "model": "acme-1", "usage": usage},
        {**ONE, "provider": "azure", "model": "my-deployment", "usage": usage},
    ]
    found = lines(shell.cs("pricing", "calc", "--json", stdin=as_lines(given)).out)
    assert [(line["costUsd"], line["status"]) for line in found] == [("1", "exact"), ("1.25", "list_price")]


def test_a_reader_that_goes_away_is_no_error(shell: Shell, tmp_path: Path) -> None:
    """`| head -1`: no traceback, nothing on stderr."""
    file = tmp_path / "many.ndjson"
    file.write_bytes(as_lines([ONE] * 20_000))
    process = shell.start("pricing", "calc", "--json", str(file), stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["id"] == "a"
    process.stdout.close()
    assert process.wait(30) in (0, 1, 128 + signal.SIGPIPE, -signal.SIGPIPE)
    assert process.stderr.read() == b""
    process.stderr.close()
    if process.stdin:
        process.stdin.close()


def test_a_missing_file_is_named(shell: Shell) -> None:
    """Misuse has the envelope too."""
    assert "nowhere.json" in shell.cs("pricing", "calc", "nowhere.json", "--json").error["message"]


def test_pricing_writes_nothing(shell: Shell) -> None:
    """No ledger, no folder: it only reads."""
    shell.cs("pricing", "calc", "--json", stdin=json.dumps(ONE).encode())
    assert list(shell.home.iterdir()) == []
