"""Exports survive other programs' readers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from codesession.cli.exporting import CSV_COLUMNS
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request
from support.shell import Answer, Shell

Cs = Callable[..., Answer]
NASTY = [
    'quote " comma , semicolon ;',
    "line\nbreak\r\nand return",
    "tab\tinside",
    "ünïcode 🤖 日本語",
    'ends with quote"',
    " leading space",
    "plain",
]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']


def record(cs: Cs) -> dict[str, str]:
    """The newest session's row as a CSV reader sees it, and as the standard writes it."""
    text = cs("export", "--format", "csv").out
    header, row, *_ = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == CSV_COLUMNS
    return dict(zip(header, row, strict=True))


@pytest.mark.parametrize("name", NASTY)
def test_names_come_back_from_a_csv_reader(cs: Cs, name: str) -> None:
    """RFC 4180: quotes doubled, line breaks inside quotes."""
    cs("start", "--json", "--", name)
    cs("end", "--json", "-n", name)
    found = record(cs)
    assert (found["name"], found["notes"], found["status"]) == (name, name, "completed")


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_defused(cs: Cs, name: str) -> None:
    """A spreadsheet that opens the file must not run what an agent wrote; the text stays readable."""
    cs("start", "--json", "--", name)
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1", "--json", "--agent", name)
    found = record(cs)
    assert found["name"] == found["agents"] == "'" + name


def test_csv_lines_end_as_the_standard_says(cs: Cs) -> None:
    """CRLF, and the header is there even when nothing else is."""
    assert cs("export", "--format", "csv").out == ",".join(CSV_COLUMNS) + "\r\n"


def test_an_unfinished_session_has_empty_cells(cs: Cs) -> None:
    """No end, no duration, no agent: nothing is made up."""
    cs("start", "task", "--json")
    found = record(cs)
    assert (found["endTime"], found["duration"], found["agents"], found["notes"]) == ("", "", "", "")


def test_json_is_one_array_whatever_the_number(cs: Cs) -> None:
    """Written session by session, and still one value."""
    assert cs("export").json == []
    for number in range(3):
        cs("start", f"s{number}", "--json")
        cs("note", "remark", "--json")
        cs("end", "--json")
    exported = cs("export", "--format", "json").json
    assert [s["name"] for s in exported] == ["s2", "s1", "s0"]
    assert [s["annotations"][0]["message"] for s in exported] == ["remark"] * 3
    assert json.loads(cs("export", "--json", "-l", "1").out)[0]["name"] == "s2"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def spent(cs: Cs) -> Cs:
    """A session with a call of a known cost and one without."""
    cs("start", "--json", "task")
    cs("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "10", "-c", "0.1", "--json")
    cs("log-ai", "-p", "anthropic", "-m", "=1+1", "--prompt-tokens", "10", "--json", "-c", "0")
    return cs


def test_ndjson_is_a_session_on_each_line(spent: Cs) -> None:
    """The same values as in the array."""
    lines = spent("export", "--format", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == spent("export").json


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet", "focus"])
def test_json_beside_another_format_is_refused(spent: Cs, kind: str) -> None:
    """It would pass over what was asked for; beside `--format json` it says the same twice."""
    assert spent("export", "--format", kind, "--json").error["code"] == "invalid_input"
    assert spent("export", "--format", "json", "--json").json == spent("export").json


def test_a_reader_of_calls_who_leaves_is_no_error(shell: Shell) -> None:
    """`| head -1`: nothing on stderr, and the status of every other command then."""
    shell.ok("start", "task", "--json")
    store = SqlStore(SqliteDatabase(shell.ledger, now_ms=NOW_MS))
    store.add_requests([make_request(session_id=1, response_id=f"r{number}") for number in range(500)])
    store.close()
    with shell.start("export", "--format", "ndjson", "--calls") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_calls_are_rows_in_ndjson_and_csv(spent: Cs) -> None:
    """Unknown is null, or an empty cell; formulas are defused."""
    first, second = (json.loads(line) for line in spent("export", "--format", "ndjson", "--calls").out.splitlines())
    assert (first["cost_usd"], first["cost_picousd"], first["session_name"]) == (0.1, 10**11, "task")
    assert first["started_at"].endswith("Z")
    assert first["conversation_id"] is None
    cells = read(spent("export", "--format", "csv", "--calls").out)
    assert [row["request_model"] for row in cells] == ["claude-sonnet-4-5", "'=1+1"]
    assert (cells[0]["cost_usd"], cells[0]["conversation_id"]) == ("0.1", "")
    assert second["request_model"] == "=1+1"
    assert spent("export", "--format", "ndjson", "--calls", "--since", "2020-01-01", "--until", "2020-01-02").out == ""


def test_focus_has_a_row_for_a_day_or_a_call(spent: Cs, tmp_path: Path) -> None:
    """In a file that appears whole."""
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "focus.csv"
    assert spent("export", "--format", "focus", "--per", "call", "--account", "team", "-o", str(file)).code == 0
    rows = read(file.read_text())
    assert [row["BilledCost"] for row in rows] == ["0.1", "0"]
    assert {row["BillingAccountId"] for row in rows} == {"team"}
    assert [each.name for each in file.parent.iterdir()] == ["focus.csv"]
    assert len(read(spent("export", "--format", "focus").out)) == 2


@pytest.mark.parametrize("kind", ["json", "csv", "ndjson"])
def test_who_wants_sessions_by_day_is_told_a_command_that_works(cs: Cs, kind: str) -> None:
    """`--calls` alone would be refused for JSON."""
    said = cs("export", "--format", kind, "--since", "7d").err
    hinted = said.partition("hint: cs ")[2].partition(",")[0].split()
    assert cs(*hinted, "--since", "7d").code == 0


def test_options_that_would_be_passed_over_are_refused(cs: Cs) -> None:
    """Rather than an export that is not what was asked for."""
    for words in (
        ("--calls",),
        ("--format", "csv", "--since", "today"),
        ("--format", "parquet"),
        ("--format", "focus", "-l", "3"),
        ("--format", "csv", "--per", "day"),
    ):
        answer = cs("export", *words)
        assert (answer.code, answer.out) == (1, ""), words
        assert "hint:" in answer.err or "focus" in answer.err


@pytest.mark.parametrize("command", [("export",), ("metrics",), ("export", "--format", "parquet")])
def test_an_empty_file_name_is_refused(cs: Cs, command: tuple[str, ...]) -> None:
    """In words, and as an envelope where JSON is asked for."""
    done = cs(*command, "-o", "")
    assert (done.code, "is empty" in done.err) == (1, True)
    if command != ("metrics",):
        assert cs(*command, "-o", "", "--json").error["code"] == "invalid_input"


@pytest.mark.parametrize("command", [("export",), ("metrics",)])
def test_a_file_that_cannot_be_written_is_named(cs: Cs, tmp_path: Path, command: tuple[str, ...]) -> None:
    """The one that is wanted, not the unfinished one beside it."""
    wanted = tmp_path / "nowhere" / "out"
    done = cs(*command, "-o", str(wanted))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: cannot write {wanted}: No such file or directory\n"


def test_a_file_that_cannot_be_written_is_an_envelope_for_programs(cs: Cs, tmp_path: Path) -> None:
    """Not words that a script cannot read."""
    assert (
        str(tmp_path / "nowhere" / "out")
        in cs("export", "--json", "-o", str(tmp_path / "nowhere" / "out")).error["message"]
    )


@pytest.mark.parametrize("command", [("export", "--format", "csv"), ("metrics",)])
def test_a_dash_is_stdout(cs: Cs, shell: Shell, command: tuple[str, ...]) -> None:
    """As everywhere; not a file of that name."""
    assert cs(*command, "-o", "-").out == cs(*command).out != ""
    assert not (shell.cwd / "-").exists()
