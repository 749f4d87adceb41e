"""`cs reconcile` as users call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesession.cli.main import main
from codesession.domain.money import PICO
from codesession.domain.request import Source
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request

BOTH = frozenset({Source.LOG, Source.PROXY})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("CODESESSION_DB_PATH", raising=False)
    return SqlStore(SqliteDatabase(tmp_path / ".codesession" / "sessions.db", now_ms=NOW_MS))


def test_what_only_the_proxy_saw_is_said_in_a_sentence(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """How much the logs explain, and what they lack."""
    store.add_request(make_request(sources=BOTH, cost_picousd=169 * PICO // 100))
    store.add_requests([make_request(request_model="claude-haiku-4-5", cost_picousd=31 * PICO // 200) for _ in "12"])
    assert main(["reconcile"]) == 0
    words = capsys.readouterr().out

    assert "log explains 84.5 % of what proxy saw; only proxy saw: 2 calls, $0.3100, claude-haiku-4-5." in words
    assert "proxy explains 100.0 % of what log saw; nothing is known to log alone." in words


@pytest.mark.parametrize("width", [14, 20, 40, 43, 80])
def test_money_is_whole_however_narrow_the_terminal(
    store: SqlStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Counts are left out before; the sentences have them."""
    monkeypatch.setenv("COLUMNS", str(width))
    store.add_request(make_request(sources=BOTH, cost_picousd=None))
    store.add_requests([make_request(cost_picousd=123_456 * PICO // 100) for _ in "12"])
    assert main(["reconcile"]) == 0
    head, proxy, *_ = capsys.readouterr().out.splitlines()

    assert "≥ $2,469.12" in proxy
    assert head.split().count("Cost") == (2 if width >= 43 else 1)
    assert ("Only here" in head) == (width >= 43)


def test_json_has_every_source_and_pair(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Shares from 0 to 1, with the unit they are measured in."""
    store.add_requests([make_request(sources=BOTH), make_request(cost_picousd=None)])
    assert main(["reconcile", "--json", "--since", "2026-01-01"]) == 0
    body = json.loads(capsys.readouterr().out)

    assert [source["source"] for source in body["sources"]] == ["proxy", "log"]
    assert body["sources"][0]["only"]["costUsd"] is None
    assert body["sources"][0]["onlyModels"][0]["unpricedCalls"] == 1
    assert {(pair["by"], pair["of"], pair["share"], pair["unit"]) for pair in body["coverage"]} == {
        ("log", "proxy", 1.0, "dollars"),
        ("proxy", "log", 1.0, "dollars"),
    }


def test_an_empty_ledger_says_so(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """And one source alone explains nothing."""
    assert main(["reconcile"]) == 0
    assert "No call recorded" in capsys.readouterr().out
    store.add_request(make_request())
    assert main(["reconcile"]) == 0
    assert "none explains another" in capsys.readouterr().out


def test_what_the_agent_says_itself_stands_beside(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Its total holds calls that no log shows: cut streams, titles."""
    samples = Path(__file__).parents[1] / "importers" / "data" / "claude_code" / "claude-2.1.330"
    assert main(["import", "--path", str(samples)]) == 0
    capsys.readouterr()
    assert main(["reconcile"]) == 0
    words = capsys.readouterr().out

    assert "Agents' own totals of 5 conversations; the ledger explains less of 1:" in words
    assert "claude-code 86ab4eb0-f8f9-45dd-9f76-112f514a10ab: 36,820 of 36,824 tokens in 4 calls" in words
    assert main(["reconcile", "--json"]) == 0
    claims = json.loads(capsys.readouterr().out)["agentTotals"]
    assert [claim["share"] for claim in claims[1:]] == [1.0] * 4
