"""`cs import` and `cs auto-log` as programs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from codesession.app import App
from codesession.cli import import_logs
from codesession.cli.import_table import outcome, problems
from codesession.domain.imports import ImportTotals
from codesession.domain.money import PICO
from codesession.services.importing.outcome import AgentImport, ImportOutcome
from codesession.services.importing.service import ImportRequest
from support.logs import SAMPLES, claude_line, encode, write_log


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(SAMPLES / "claude_code" / "claude-2.1.330", folder / ".claude")
    return folder


def cs(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command with a home of its own."""
    command = [sys.executable, "-m", "codesession", *arguments]
    return subprocess.run(
        command, env=environment(home), input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def environment(home: Path) -> dict[str, str]:
    """Nothing of the machine's own set-up."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(home), "TZ": "UTC"}


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON value on stdout."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_answer_covers_everything_imported(home: Path) -> None:
    """Twice the same totals, no new calls the second time; uncached input, cache apart."""
    first, second = (answer(cs(home, "import", "--json"))["agents"][0] for _ in range(2))
    assert first["newCalls"] == 14
    assert second == {**first, "newCalls": 0, "filesRead": 0}
    assert first["tokens"] == {
        "input": 42,
        "cacheRead": 112_000,
        "cacheWrite5m": 14_000,
        "cacheWrite1h": 2_800,
        "output": 3_218,
    }
    assert (first["calls"], first["duplicates"], first["lowerBounds"], first["badLines"]) == (14, 10, 4, 0)
    assert first["costUsd"] > 0
    listed = answer(cs(home, "list", "--json"))
    assert [session["status"] for session in listed] == ["completed"] * 5
    assert answer(cs(home, "stats", "--json"))["totalAICost"] == pytest.approx(first["costUsd"])


def test_a_dry_run_touches_nothing(home: Path) -> None:
    """It says what would be, and there is no ledger afterwards; an existing one stays byte for byte."""
    told = answer(cs(home, "import", "--dry-run", "--json"))
    assert (told["dryRun"], told["totals"]["newCalls"]) == (True, 14)
    assert not (home / ".codesession").exists()

    cs(home, "start", "work", "--json")
    ledger = home / ".codesession" / "sessions.db"
    before = ledger.read_bytes()
    assert "14 calls would be imported" in cs(home, "import", "--dry-run").stdout
    assert ledger.read_bytes() == before


def test_a_dry_run_over_a_file_that_is_no_ledger_is_a_storage_error(home: Path) -> None:
    """In the envelope, with the ledger's name, as every command says it."""
    ledger = home / ".codesession" / "sessions.db"
    ledger.parent.mkdir()
    ledger.write_text("junk")
    done = cs(home, "import", "--dry-run", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["path"]) == (1, "storage_error", str(ledger))
    assert done.stderr == ""


def test_unreadable_lines_are_named_by_file_and_number(home: Path) -> None:
    """On stderr for people, in the answer for programs; never fatal."""
    path = write_log(home / "logs" / "a.jsonl", [claude_line(), b"no json", claude_line("m2", request_id="r2")])
    told = answer(cs(home, "import", "--path", str(path.parent), "--json"))["agents"][0]
    assert told["unreadable"] == [{"file": str(path), "line": 2, "reason": "not a JSON object"}]
    assert (told["calls"], told["badLines"]) == (2, 1)
    assert f"{path}:2" in cs(home, "import", "--path", str(path.parent)).stderr


def test_of_many_files_that_cannot_be_read_the_first_are_named() -> None:
    """A folder without permission may hold thousands."""
    agents = tuple(
        AgentImport(
            agent_name=name,
            title=name,
            roots=(),
            files=20,
            read_files=20,
            new_calls=0,
            totals=ImportTotals(),
            unreadable=(),
            problems=tuple(f"/{name}/{number}.jsonl: permission denied" for number in range(count)),
        )
        for name, count in (("codex", 7), ("claude-code", 2005))
    )
    told = list(problems(ImportOutcome(agents=agents, problem=None)))
    assert told[0] == "/codex/0.jsonl: permission denied"
    assert told[9:] == [
        "/claude-code/2.jsonl: permission denied",
        "2,002 more files could not be read to their end; --json names them",
    ]
    assert list(problems(ImportOutcome(agents=agents[:1], problem=None))) == list(agents[0].problems)


@pytest.mark.parametrize("width", [24, 40, 80])
def test_no_figure_of_an_import_is_cut(width: int) -> None:
    """Columns are left out instead; and the cost says when it is not all, and why without naming a column."""
    totals = ImportTotals(
        calls=12_345, unpriced_calls=32, lower_bound_calls=4, total_tokens=18_400_000, cost_picousd=1_033 * PICO // 100
    )
    agent = AgentImport(
        agent_name="claude-code", title="Claude Code", roots=(), files=53, read_files=53, new_calls=12_345,
        totals=totals, unreadable=(), problems=(),
    )  # fmt: skip
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        outcome(console, ImportOutcome(agents=(agent,), problem=None))
    assert captured.get().splitlines()[1].rstrip().endswith("≥ $10.33")
    assert all(len(line) <= width for line in captured.get().splitlines())
    assert ("12,345  12,345         4        32   18.4M  ≥" in captured.get()) == (width == 80)
    assert " ".join(captured.get().split()).endswith(
        "Of 4 calls the log holds only a part of the output: the true cost is higher."
    )


def test_people_get_a_table(home: Path) -> None:
    """And a word where there is nothing."""
    assert "Claude Code" in cs(home, "import").stdout
    assert "No logs" in cs(home / "empty", "import").stdout


def test_misuse_is_answered_with_an_envelope(home: Path) -> None:
    """Unknown agent, no such folder, options that do not go together, a date that is none."""
    for arguments in (("no-such-agent",), ("--path", "/no/such/folder"), ("--watch",), ("--since", "some day")):
        done = cs(home, "import", *arguments, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["error"]["code"] == "invalid_input"


def test_since_takes_days(home: Path) -> None:
    """Only calls from that day on."""
    assert answer(cs(home, "import", "--since", "2026-11-23", "--json"))["totals"]["calls"] == 0
    assert answer(cs(home, "import", "--since", "20261122", "--json"))["totals"]["calls"] == 14


def test_a_hook_imports_its_transcript_into_the_active_session(home: Path, tmp_path: Path) -> None:
    """Each response once, for the session of the repository; a second call of the hook adds only what is new."""
    work = tmp_path / "work"
    work.mkdir()
    started = subprocess.run(
        [sys.executable, "-m", "codesession", "start", "task", "--json"],
        env=environment(home),
        cwd=work,
        capture_output=True,
        check=True,
    )
    session = json.loads(started.stdout)
    now = int(time.time() * 1000) + 5
    lines = [claude_line(f"m{n}", request_id=f"r{n}", at_ms=now + n, cwd=str(work)) for n in range(2)]
    path = write_log(home / "t" / "s.jsonl", lines[:1])
    hook = json.dumps({"transcript_path": str(path), "session_id": "parent", "cwd": str(work)})
    assert cs(home, "auto-log", stdin=hook).returncode == 0
    with path.open("ab") as file:
        file.write(encode(lines[1:]))
    for _ in range(2):
        assert cs(home, "auto-log", "--provider", "anthropic", "--model", "x", stdin=hook).returncode == 0
    status = answer(cs(home, "status", "--session", str(session["id"]), "--json"))
    assert status["aiUsageCount"] == 2
    assert {call["model"] for call in status["aiUsage"]} == {"claude-sonnet-4-6"}


@pytest.mark.parametrize("stdin", ["", "not json", "[]", "{}", '{"transcript_path": "/no/such/file"}'])
def test_a_hook_never_fails(home: Path, stdin: str) -> None:
    """Exit status 0 and nothing on stdout, whatever comes in."""
    done = cs(home, "auto-log", stdin=stdin)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_hook_never_fails_without_a_ledger(home: Path) -> None:
    """A broken ledger is told on stderr."""
    (home / ".codesession").mkdir()
    (home / ".codesession" / "sessions.db").write_bytes(b"this is no database" * 100)
    transcript = next((home / ".claude").rglob("*.jsonl"))
    done = cs(home, "auto-log", stdin=json.dumps({"transcript_path": str(transcript)}))
    assert (done.returncode, done.stdout) == (0, "")
    assert "codesession:" in done.stderr


def test_watching_imports_what_is_written(home: Path) -> None:
    """Ctrl+C ends it with status 0."""
    transcript = home / ".claude" / "projects" / "-p" / "new.jsonl"
    transcript.parent.mkdir()
    command = [sys.executable, "-m", "codesession", "import", "--watch"]
    process = subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "watching" in line
        time.sleep(0.5)
        write_log(transcript, [claude_line("live", request_id="live")])
        assert "1 new call" in process.stderr.readline()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_watching_goes_on_with_agents_that_come_later(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one, too: who begins to watch on a new machine has none."""
    monkeypatch.setattr(import_logs, "_LOOK_MS", 50)
    app = App({"HOME": str(home), "CODESESSION_DB_PATH": str(home / "s.db")}, home)
    wanted = ImportRequest(agents=("claude-code", "codex"))
    assert import_logs._followed(app, wanted, []) == [home / ".claude"]
    (home / ".codex").mkdir()
    assert import_logs._followed(app, wanted, [home / ".claude"]) == [home / ".claude", home / ".codex"]
    app.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_watching_goes_on_after_a_name_that_is_no_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher cannot say it and gives up: another one is begun."""
    monkeypatch.setattr(import_logs, "_LOOK_MS", 50)
    app = App({"HOME": str(home), "CODESESSION_DB_PATH": str(home / "s.db")}, home)
    wanted = ImportRequest(agents=("claude-code",))
    bad, seen = Path(os.fsdecode(os.fsencode(home) + b"/.claude/n\xe4me.jsonl")), threading.Event()

    def write() -> None:
        while not seen.wait(0.05):
            bad.touch()

    writer = threading.Thread(target=write)
    writer.start()
    assert import_logs._followed(app, wanted, [home / ".claude"]) == [home / ".claude"]
    seen.set()
    writer.join()
    app.close()


def test_an_empty_folder_name_is_refused(home: Path) -> None:
    """It would be this folder."""
    assert "is empty" in json.loads(cs(home, "import", "--path", "", "--json").stdout)["error"]["message"]
