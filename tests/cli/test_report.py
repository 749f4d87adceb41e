"""`cs report` as users call it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codesession.cli.main import main
from codesession.cli.report import KINDS
from codesession.domain.pricing import CostStatus
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session
from support.usage import call_at

Run = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("CODESESSION_DB_PATH", raising=False)
    return tmp_path


@pytest.fixture
def store(home: Path) -> SqlStore:
    return SqlStore(SqliteDatabase(home / ".codesession" / "sessions.db", now_ms=NOW_MS))


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str, status: int = 0) -> str:
        assert main(list(arguments)) == status
        return capsys.readouterr().out

    return call


def as_json(run: Run, *arguments: str, status: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", status=status))


@pytest.fixture
def used(store: SqlStore) -> SqlStore:
    session = store.create_session(make_session("/code/web", name='=1+1 "quoted", Ω'), exclusive=False)
    assert session is not None
    store.add_requests(
        [
            call_at("2026-03-28T23:30", session_id=session.id, agent_name="claude-code", conversation_id="c1"),
            call_at("2026-03-29T12:00", session_id=session.id, request_model="=evil|model", subagent_id="s"),
            call_at("2026-03-30T12:00", cost_picousd=None, cost_status=CostStatus.UNKNOWN),
        ]
    )
    return store


def test_an_empty_home_has_nothing_to_report(tmp_path: Path) -> None:
    """A fresh user gets words or an empty report, status 0, and nothing on stderr."""
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TZ": "Asia/Kolkata"}
    for kind in KINDS:
        command = [sys.executable, "-m", "codesession", "report", kind, "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=tmp_path)
        body = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (body["rows"], body["totals"]["calls"], body["totals"]["costUsd"]) == ([], 0, 0)
        assert body["timezone"] == "Asia/Kolkata"


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_states_what_is_unpriced(used: SqlStore, run: Run, kind: str) -> None:
    """In JSON as a count, for people as a sentence; conversations know only calls that have one."""
    body = as_json(run, "report", kind, "--breakdown")
    unpriced = 0 if kind == "conversation" else 1

    assert body["report"] == kind
    assert body["totals"]["unpricedCalls"] == sum(row["unpricedCalls"] for row in body["rows"]) == unpriced
    assert all((row["costUsd"] is None) == (row["calls"] == row["unpricedCalls"]) for row in body["rows"])
    words = run("report", kind, "-b")
    assert ("no known cost" in words) == bool(unpriced)
    assert all(len(line) <= 80 for line in words.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_states_how_many_calls_are_at_list_price(store: SqlStore, run: Run, kind: str) -> None:
    """Their cost is complete and no lower bound, but not exact: the number stands in every form of a report."""
    listed = {"conversation_id": "c", "cost_status": CostStatus.LIST_PRICE}
    session = store.create_session(make_session("/code/web"), exclusive=False)
    assert session is not None
    store.add_requests([call_at(f"2026-03-28T08:{minute}", session_id=session.id, **listed) for minute in (10, 20, 50)])
    store.add_request(call_at("2026-03-28T09:30", session_id=session.id, conversation_id="c"))

    totals = as_json(run, "report", kind)["totals"]
    assert (totals["calls"], totals["listPriceCalls"], totals["costStatus"]) == (4, 3, "complete")
    (row,) = csv.DictReader(io.StringIO(run("report", kind, "--csv")))
    assert row["listPriceCalls"] == "3"
    for form in ("--markdown", "--breakdown"):
        said = run("report", kind, form)
        assert "3 of 4 calls are at list price" in said
        assert "≥" not in said


@pytest.mark.parametrize("kind", ["daily", "weekly", "monthly"])
def test_more_buckets_than_there_ever_were_are_all(used: SqlStore, run: Run, kind: str) -> None:
    """There is no year 0 to begin with."""
    for last in ("24312", "100000"):
        body = as_json(run, "report", kind, "--last", last)
        assert (body["since"], body["totals"]["calls"]) == ("1970-01-01", 3)


def test_days_are_those_of_the_zone(used: SqlStore, run: Run) -> None:
    """The environment's, unless the option names another."""
    berlin = as_json(run, "report")
    utc = as_json(run, "report", "--timezone", "UTC", "--until", "20260328")

    assert [row["date"] for row in berlin["rows"]] == ["2026-03-29", "2026-03-30"]
    assert [row["calls"] for row in berlin["rows"]] == [2, 1]
    assert [row["date"] for row in utc["rows"]] == ["2026-03-28"]


def test_filters_come_from_options(used: SqlStore, run: Run) -> None:
    """Several of one kind are alternatives."""
    assert as_json(run, "report", "--agent", "claude-code")["totals"]["calls"] == 1
    assert as_json(run, "report", "--project", "web", "--since", "2026-03-29")["totals"]["calls"] == 2
    assert as_json(run, "report", "--model", "=evil*", "--model", "nothing")["totals"]["calls"] == 1
    assert as_json(run, "report", "--source", "log", "--provider", "openai")["rows"] == []


def test_project_names_the_folder_that_sessions_belong_to(store: SqlStore, run: Run, tmp_path: Path) -> None:
    """A path anywhere in a repository means the repository."""
    root = tmp_path / "web"
    (root / "deep").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    store.add_requests([make_request(project=str(root)), make_request(project=str(tmp_path))])

    assert as_json(run, "report", "--project", str(root / "deep"))["totals"]["calls"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_csv_reads_back_as_it_was(used: SqlStore, run: Run, kind: str) -> None:
    """Every row has every column; nothing begins a formula; figures are those of the JSON."""
    rows = as_json(run, "report", kind)["rows"]
    text = run("report", kind, "--csv")
    read = list(csv.DictReader(io.StringIO(text, newline="")))

    assert text.count("\r\n") == len(read) + 1
    assert [int(line["calls"]) for line in read] == [row["calls"] for row in rows]
    assert [line["costUsd"] == "" for line in read] == [row["costUsd"] is None for row in rows]
    assert not any(value.startswith(("=", "+", "@")) for line in read for value in line.values())


def test_csv_with_a_breakdown_still_adds_up(used: SqlStore, run: Run) -> None:
    """A line for every part, none for the row they make up."""
    read = list(csv.DictReader(io.StringIO(run("report", "monthly", "--csv", "--breakdown"), newline="")))

    assert sum(int(line["calls"]) for line in read) == 3
    assert {line["model"] for line in read} == {"claude-sonnet-4-5", "'=evil|model"}


def test_markdown_is_a_table_that_no_name_can_break(used: SqlStore, run: Run) -> None:
    """Bars are escaped; every line has the same number of cells."""
    lines = [line for line in run("report", "model", "--markdown").splitlines() if line.startswith("|")]

    assert "=evil\\|model" in "\n".join(lines)
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert lines[-1].startswith("| **Total**")


def test_the_own_currency_is_shown_beside_dollars(used: SqlStore, run: Run, home: Path) -> None:
    """JSON has both; people see theirs, with the rate and the dollars below."""
    (home / ".codesession" / "config.toml").write_text('[report]\ncurrency = "eur"\nrate = 0.92\n')
    totals = as_json(run, "report")["totals"]

    assert (totals["currency"], totals["costUsd"], totals["cost"]) == ("EUR", 0.009, 0.00828)
    words = run("report")
    assert "€0.0083" in words
    assert "1 US dollar = 0.92 EUR" in words
    assert "Cost (EUR)" in run("report", "--markdown")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('currency = "EUR"', "report.rate"),
        ('currency = "EUR"\nrate = 0', "report.rate"),
        ('currency = "EUR"\nrate = true', "report.rate"),
        ('currency = "euros"\nrate = 1', "report.currency"),
        ("rate = 1", "report.currency"),
    ],
)
def test_a_currency_that_is_half_set_is_refused(run: Run, home: Path, config: str, said: str) -> None:
    """A wrong rate would make every figure wrong."""
    (home / ".codesession").mkdir()
    (home / ".codesession" / "config.toml").write_text(f"[report]\n{config}\n")

    assert said in as_json(run, "report", status=1)["error"]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--since", "2026-13-01"),
        ("--since", "soon"),
        ("--since", "2026-03-02", "--until", "2026-03-01"),
        ("--timezone", "Mars/Olympus"),
        ("--last", "0"),
        ("--csv",),
        ("hourly",),
    ],
)
def test_misuse_is_an_envelope(run: Run, arguments: tuple[str, ...]) -> None:
    """With `--json` every refusal is one too."""
    assert as_json(run, "report", *arguments, status=1)["error"]["code"] == "invalid_input"


def test_a_person_sees_the_newest_sessions_and_how_many_there_are(store: SqlStore, run: Run) -> None:
    """Fifty, unless told otherwise; a program gets all."""
    for number in range(52):
        store.create_session(
            make_session(uid=f"u{number}", name=f"task {number}", started_at_ms=NOW_MS + number), exclusive=False
        )
    assert "50 of 52 rows" in run("report", "session")
    assert len(as_json(run, "report", "session")["rows"]) == 52
    assert len(as_json(run, "report", "session", "--last", "2")["rows"]) == 2


@pytest.mark.parametrize("width", ["20", "40", "60", "80", "200"])
@pytest.mark.parametrize("kind", ["daily", "session", "project", "model", "blocks"])
def test_numbers_are_never_cut(
    used: SqlStore, run: Run, monkeypatch: pytest.MonkeyPatch, kind: str, width: str
) -> None:
    """In a narrow terminal the words give way, then whole columns; the cost is always there."""
    monkeypatch.setenv("COLUMNS", width)
    (total,) = (line for line in run("report", kind).splitlines() if line.startswith("Tot"))
    numbers = ["3", "3,000", "600", "300", "≥", "$0.0090"]

    assert [word for word in total.split() if word in numbers] == total.split()[1:]
    assert total.rstrip().endswith("≥ $0.0090")
    assert len(total.split()) == 7 or int(width) < 80


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("opus-4-1", {"claude-opus-4-1-20250805", "claude-opus-4-1"}),
        ("claude-opus-4-1", {"claude-opus-4-1"}),
        ("opus-4-1*", {"claude-opus-4-1-20250805", "claude-opus-4-1", "claude-opus-4-1-fast"}),
    ],
)
def test_a_model_may_be_named_as_tables_show_it(store: SqlStore, run: Run, asked: str, found: set[str]) -> None:
    """Without the vendor's word and the date; a whole name is that one alone."""
    for model in ("claude-opus-4-1-20250805", "claude-opus-4-1", "claude-opus-4-1-fast", "opus-4"):
        store.add_request(make_request(request_model=model))
    assert "opus-4-1," in run("report", "daily")
    assert {row["model"] for row in as_json(run, "report", "model", "--model", asked)["rows"]} == found


@pytest.mark.parametrize("option", ["agent", "provider", "project", "model"])
def test_what_no_call_passes_is_said_of_the_filters(used: SqlStore, run: Run, option: str) -> None:
    """And not of the ledger."""
    assert "No call matches" in run("report", f"--{option}", "zzz")


def test_a_source_that_there_is_not_is_refused(used: SqlStore, run: Run) -> None:
    """With those that there are."""
    error = json.loads(run("report", "--source", "zzz", "--json", status=1))["error"]
    assert (error["code"], "'proxy', 'log'" in error["message"]) == ("invalid_input", True)
