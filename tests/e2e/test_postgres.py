"""One ledger on PostgreSQL for people and machines: the real `cs`, in processes of its own, on a real server."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest

from codesession.store.postgres import PostgresDatabase
from codesession.store.sql_store import SqlStore
from support.fake_provider import FakeProvider
from support.ledger import NOW_MS, make_request, make_session
from support.logs import SAMPLES
from support.postgres import PostgresServer
from support.shell import Shell, make_shell

WORKERS = 8
WRITES = 40
CALL_PICOUSD = (1_000 * 3 + 100 * 15) * 10**6
CALL = ("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "1000", "--completion-tokens", "100")

ONE_CALL = """
import os, urllib.request
url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
urllib.request.urlopen(urllib.request.Request(url, b'{"model": "claude-sonnet-4-5"}'), timeout=20).read()
"""

WORKER = """
import io, os, sys
from codesession.cli.main import main
worker, writes, said = sys.argv[1], int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in range(writes):
    name = f"msg_{worker}_{number}"
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    code = main([*sys.argv[4:], "--response-id", name, "--session", "1", "--json"])
    os.write(said, f"{name} {code}\\n".encode())
"""


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """A database without any table."""
    return postgres.new_database()


@pytest.fixture
def shell(tmp_path: Path, url: str) -> Shell:
    """A user whose ledger is on the server."""
    made = make_shell(tmp_path / "user")
    made.env["CODESESSION_DATABASE_URL"] = url
    return made


@dataclass(frozen=True)
class Page:
    """A running dashboard as a script sees it."""

    url: str
    token: str

    def ask(self, path: str, value: object = None) -> Any:
        """The JSON of an answer; with a value, it is posted."""
        body = None if value is None else json.dumps(value).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urlopen(Request(f"{self.url}/api/v1/{path}", body, headers), timeout=20) as answer:
            return json.load(answer)


@pytest.fixture
def page(shell: Shell, url: str) -> Iterator[Page]:
    """A dashboard over a ledger with one session that has ended; the configuration says where the ledger is."""
    store = SqlStore(PostgresDatabase(url, now_ms=NOW_MS))
    session = store.create_session(make_session("/repo"), exclusive=True)
    assert session is not None
    store.add_requests([make_request(session_id=session.id), make_request(session_id=session.id, subagent_id="s")])
    store.finish_session(session.id, ended_at_ms=NOW_MS + 9, notes=None, files=[("a.py", "created")])
    store.close()
    (shell.home / ".codesession").mkdir()
    (shell.home / ".codesession" / "config.toml").write_text(
        f'[ledger]\nurl = "{shell.env.pop("CODESESSION_DATABASE_URL")}"\n'
    )
    process = shell.start("dashboard", "--no-open", "--json")
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Page(told["url"], told["token"])
    finally:
        process.terminate()
        process.communicate(timeout=30)


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """What the database holds, whole numbers as such."""
    with psycopg.connect(url) as connection:
        found = connection.execute(sql.encode()).fetchall()
    return [tuple(int(value) if hasattr(value, "as_tuple") else value for value in row) for row in found]


def finished(process: subprocess.Popen[bytes]) -> int:
    """Its exit status."""
    process.communicate(timeout=60)
    return process.returncode


def test_a_session_lives_on_the_server_from_start_to_end(shell: Shell, url: str) -> None:
    """Every command of a task, and not one file of a ledger at home."""
    started = shell.ok("start", "Fix the login", "--json", "--budget", "1")
    assert started["id"] == 1
    logged = shell.ok(*CALL, "--json")
    assert logged["session"]["aiCost"] == 0.0045
    shell.ok("note", "the cookie was never renewed", "--json")
    (shell.cwd / "new.txt").write_text("x")
    assert shell.ok("status", "--json")["aiTokens"] == 1_100
    ended = shell.ok("end", "-n", "done", "--json")
    assert (ended["status"], ended["aiCost"], [f["filePath"] for f in ended["files"]]) == (
        "completed",
        0.0045,
        ["new.txt"],
    )
    assert [s["name"] for s in shell.ok("list", "--json")] == ["Fix the login"]
    assert shell.ok("stats", "--json")["totalAICost"] == 0.0045
    assert shell.ok("show", "1", "--json")["notes"]
    report = shell.ok("report", "--json")
    assert "0.0045" in str(report)
    assert shell.ok("export", "--format", "json")[0]["aiCost"] == 0.0045
    assert rows(url, "SELECT COUNT(*) FROM model_requests") == [(1,)]
    assert not list(shell.home.rglob("*.db*"))


def test_two_machines_share_one_ledger(shell: Shell, tmp_path: Path, url: str) -> None:
    """Each sees what the other recorded at once; calls of both at the same moment are all there."""
    other = make_shell(tmp_path / "other")
    other.env["CODESESSION_DATABASE_URL"] = url
    begun = [each.start("start", name, "--json") for each, name in ((shell, "here"), (other, "there"))]
    assert [finished(process) for process in begun] == [0, 0]
    assert {s["name"] for s in shell.ok("list", "--json")} == {"here", "there"}
    logging = [each.start(*CALL, "--json") for each in (shell, other) for _ in range(3)]
    assert [finished(process) for process in logging] == [0] * 6
    assert sorted(s["aiCost"] for s in other.ok("list", "--json")) == [0.0135, 0.0135]


def test_a_run_and_its_proxy_record_on_the_server(shell: Shell) -> None:
    """The writer of the proxy has a connection of its own."""
    with FakeProvider() as provider:
        upstream = {"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
        done = shell.cs("run", "--name", "task", "--", sys.executable, "-c", ONE_CALL, env=upstream)
    assert done.code == 0, done
    (session,) = shell.ok("list", "--json")
    assert (session["name"], session["status"]) == ("task", "completed")
    assert session["aiTokens"] > 0


def test_a_budget_on_the_server_stops_a_run(shell: Shell) -> None:
    """The first call passes the limit, the second never reaches the provider."""
    code = (
        "import os, urllib.error, urllib.request\n"
        "for _ in range(2):\n"
        "    request = urllib.request.Request(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages',"
        ' b\'{"model": "claude-sonnet-4-5", "max_tokens": 9}\')\n'
        "    try: print(urllib.request.urlopen(request, timeout=20).status)\n"
        "    except urllib.error.HTTPError as error: print(error.code)\n"
    )
    with FakeProvider() as provider:
        upstream = {"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
        done = shell.cs("run", "--budget", "0.000001", "--", sys.executable, "-c", code, env=upstream)
        assert (done.out, len(provider.requests)) == ("200\n403\n", 1), done


def test_calls_that_the_server_missed_are_recorded_when_it_is_back(shell: Shell, postgres: PostgresServer) -> None:
    """Kept at home in a file named after the server; the next command hands them over."""
    shell.env["CODESESSION_DATABASE_URL"] = postgres.url("later")
    with FakeProvider() as provider:
        run = shell.cs(
            "run", "--", sys.executable, "-c", ONE_CALL, env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
        )
    assert (run.code, "could not be recorded yet" in run.err) == (0, True), run
    assert list((shell.home / ".codesession").glob("postgresql-*-later.spool"))
    postgres.admin("CREATE DATABASE later")
    assert shell.ok("stats", "--json")["totalSessions"] == 0
    assert rows(postgres.url("later"), "SELECT COUNT(*) FROM model_requests") == [(1,)]


def test_logs_are_imported_once(shell: Shell) -> None:
    """In batches; a second time nothing is new. A dry run needs a file to copy, and says so."""
    logs = ("import", "claude-code", "--path", str(SAMPLES / "claude_code" / "claude-2.1.330" / "projects"))
    first = shell.ok(*logs, "--json")
    before = shell.ok("stats", "--json")
    assert "'newCalls': 0" not in str(first["agents"][0])
    shell.ok(*logs, "--json")
    assert shell.ok("stats", "--json") == before
    refused = shell.cs(*logs, "--dry-run", "--json").error
    assert (refused["code"], "needs a ledger in a file" in refused["message"]) == ("unavailable", True)


def test_the_dashboard_reads_the_server(page: Page) -> None:
    """Every kind of question is SQL that it understands; names are found in any case."""
    questions = ("live", "overview", "usage/series", "usage/by/agent", "usage/heatmap", "insights/hotspots", "budgets")
    assert all(page.ask(question) for question in questions)
    assert [session["name"] for session in page.ask("sessions?search=TA")["sessions"]] == ["task"]


def test_the_dashboard_says_where_the_ledger_is_and_that_starting_over_needs_a_file(page: Page) -> None:
    """Server and database; a ledger that others share is not emptied from a page."""
    settings = page.ask("settings")
    assert settings["ledger"].startswith("postgresql://")
    assert settings["ledgerBytes"] is None
    with pytest.raises(HTTPError) as refused:
        page.ask("reset", {"confirm": settings["resetPhrase"]})
    assert json.load(refused.value)["error"]["code"] == "unavailable"
    assert page.ask("sessions")["sessions"]


def test_a_server_that_is_away_costs_the_record_only(shell: Shell) -> None:
    """Commands say so without the password; a run runs."""
    shell.env["CODESESSION_DATABASE_URL"] = "postgresql://ada:hush@127.0.0.1:1/costs"
    note = shell.cs("note", "x", "-s", "1", "--json")
    assert note.error["code"] == "storage_error"
    assert "127.0.0.1:1/costs" in note.error["message"]
    run = shell.cs("run", "--no-proxy", "--", sys.executable, "-c", "print('ran'); raise SystemExit(7)")
    assert (run.code, run.out) == (7, "ran\n")
    assert "not recorded" in run.err
    assert "hush" not in note.out + note.err + run.err
    assert "Traceback" not in note.err + run.err


def work(shell: Shell, number: int) -> subprocess.Popen[bytes]:
    """One process that records through the command's own entry point and notes every answer it got."""
    said = shell.cwd.parent / f"said-{number}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(number), str(WRITES), said, *CALL],
        env=shell.environment(),
        cwd=shell.cwd,
        stderr=subprocess.PIPE,
    )


def kill_at_work(shell: Shell, workers: list[subprocess.Popen[bytes]], doomed: dict[int, int]) -> None:
    """Kill each of these once it has had so many answers: somewhere inside its next write."""
    waiting, deadline = dict(doomed), time.monotonic() + 60
    while waiting:
        assert time.monotonic() < deadline, waiting
        for number, answers in list(waiting.items()):
            said = shell.cwd.parent / f"said-{number}"
            if said.exists() and said.read_bytes().count(b"\n") >= answers:
                workers[number].send_signal(signal.SIGKILL)
                del waiting[number]
        time.sleep(0.002)


@pytest.mark.timeout(120)
def test_eight_writers_of_which_half_are_killed_lose_nothing(shell: Shell, url: str) -> None:
    """Every acknowledged call is one row; sessions and rollups say what the rows say; no lock is left behind."""
    shell.ok("start", "task", "--json")
    chance = random.Random(7)
    workers = [work(shell, number) for number in range(WORKERS)]
    doomed = {number: chance.randint(1, WRITES // 2) for number in chance.sample(range(WORKERS), WORKERS // 2)}
    kill_at_work(shell, workers, doomed)
    errors = [process.communicate(timeout=100)[1] for process in workers]
    answers = [line for file in shell.cwd.parent.glob("said-*") for line in file.read_text().splitlines()]
    assert {answer.split()[1] for answer in answers} == {"0"}, errors
    kept = {name for (name,) in rows(url, "SELECT response_id FROM model_requests")}
    acknowledged = {answer.split()[0] for answer in answers}
    assert acknowledged <= kept
    assert len(kept - acknowledged) <= len(doomed)
    counted = (len(kept), len(kept) * CALL_PICOUSD)
    assert rows(url, "SELECT COUNT(*), SUM(cost_picousd) FROM model_requests") == [counted]
    assert rows(url, "SELECT requests, cost_picousd FROM sessions") == [counted]
    assert rows(url, "SELECT SUM(requests), SUM(cost_picousd) FROM usage_rollups") == [counted]
    assert shell.ok("end", "--json")["aiTokens"] == len(kept) * 1_100
