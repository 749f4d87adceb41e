"""`cs run`: the command as if nobody stood between, and its calls in the ledger."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.cli.run import default_name
from support.fake_provider import FakeProvider
from support.shell import Shell

PY = sys.executable
ASK = """
import json, os, sys, urllib.request
body = json.dumps({"model": sys.argv[1], "max_tokens": 9, "messages": []}).encode()
url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
request = urllib.request.Request(url, body, {"content-type": "application/json"})
print(urllib.request.urlopen(request, timeout=20).status)
"""


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as running:
        yield running


def asks(provider: FakeProvider) -> dict[str, str]:
    return {"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}


def test_a_call_of_the_command_is_counted_and_summed_up(shell: Shell, provider: FakeProvider) -> None:
    """The command sees its answer, stdout has nothing but its own output, the summary is on stderr."""
    done = shell.cs("run", "--", PY, "-c", ASK, "claude-sonnet-4-5", env=asks(provider))
    assert (done.code, done.out) == (0, "200\n")
    assert "AI cost" in done.err
    assert "claude-sonnet-4-5" in done.err
    session = shell.ok("show", "--json")
    assert (session["aiCalls"], session["status"], session["costStatus"]) == (1, "completed", "complete")
    assert session["aiCost"] > 0


def test_a_broken_price_file_costs_the_price_and_not_the_call(shell: Shell, provider: FakeProvider) -> None:
    """The command works, the call is kept as unpriced, the reason is said."""
    folder = shell.home / ".codesession"
    folder.mkdir()
    (folder / "pricing.json").write_text("{broken")
    done = shell.cs("run", "--", PY, "-c", ASK, "claude-sonnet-4-5", env=asks(provider))
    assert (done.code, done.out) == (0, "200\n")
    assert "pricing.json" in done.err
    assert "unpriced" in done.err
    assert "$" not in done.err
    session = shell.ok("show", "--json")
    assert (session["aiCalls"], session["unpricedCalls"], session["aiCost"]) == (1, 1, 0)
    assert session["aiUsage"][0]["cost"] is None


def test_a_model_without_a_price_is_said_to_be_unpriced(shell: Shell, provider: FakeProvider) -> None:
    """Not a cost of zero."""
    provider.respond = lambda request: [
        _reply(b'{"id":"m1","type":"message","model":"no-such","usage":{"input_tokens":5,"output_tokens":5}}')
    ]
    done = shell.cs("run", "--", PY, "-c", ASK, "no-such", env=asks(provider))
    assert "unpriced" in done.err
    assert "$" not in done.err


def _reply(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("bad", ["garbage", "https://user:secret@gw.example"])
def test_an_endpoint_that_cannot_be_used_is_said_before_anything_begins(shell: Shell, bad: str) -> None:
    """The command is not started, no session is left open, the secret is not repeated."""
    done = shell.cs("run", "--", PY, "-c", "open('ran', 'w')", env={"CODESESSION_UPSTREAM_ANTHROPIC": bad})
    assert done.code == 1
    assert "anthropic" in done.err
    assert "secret" not in done.err
    assert not (shell.cwd / "ran").exists()
    assert shell.ok("list", "--json") == []


def test_a_typing_error_beside_upstreams_is_said_before_anything_begins(shell: Shell) -> None:
    """It may be the company's gateway that is misspelt: calls must not go elsewhere."""
    folder = shell.home / ".codesession"
    folder.mkdir()
    (folder / "config.toml").write_text('[upstream]\nanthropic = "https://gw.example"\n')
    done = shell.cs("run", "--", PY, "-c", "open('ran', 'w')")
    assert (done.code, "[upstream]" in done.err) == (1, True)
    assert not (shell.cwd / "ran").exists()


def test_megabytes_go_through_untouched(shell: Shell) -> None:
    """Nobody reads the command's output but its reader."""
    code = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 40_000)"
    process = shell.start("run", "--no-proxy", "--", PY, "-c", code)
    out, _ = process.communicate(timeout=60)
    assert out == bytes(range(256)) * 40_000


def test_bytes_of_stdin_and_of_arguments_reach_the_command(shell: Shell) -> None:
    """Whatever they are: binary input, arguments that are no text, options that look like ours."""
    code = (
        "import os, sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1] + os.fsencode(' '.join(sys.argv[1:])))"
    )
    process = shell.start("run", "--no-proxy", PY, "-c", code, b"\xff\xfe", "--json", "--help", "", "-n")
    out, _ = process.communicate(bytes(range(256)), timeout=60)
    assert process.returncode == 0
    assert out == bytes(range(256))[::-1] + b"\xff\xfe --json --help  -n"


def test_a_command_that_leaves_a_daemon_behind_ends_at_once(shell: Shell, tmp_path: Path) -> None:
    """The run is over when the command is; what it left running is not waited for."""
    code = "import subprocess; print(subprocess.Popen(['sleep', '60'], start_new_session=True).pid)"
    begun = time.monotonic()
    log = tmp_path / "out"
    with log.open("wb") as out:
        done = shell.cs("run", "--", PY, "-c", code, stdout=out, stderr=out)
    daemon = int(log.read_text().split()[0])
    os.kill(daemon, signal.SIGKILL)
    assert done.code == 0
    assert time.monotonic() - begun < 30
    assert shell.ok("show", "--json")["status"] == "completed"


def test_a_run_inside_a_run_counts_its_own_calls_only(shell: Shell, provider: FakeProvider) -> None:
    """The inner one forwards to the provider, not to the outer proxy: the call is counted once."""
    inner = [PY, "-m", "codesession", "run", "--name", "inner", "--", PY, "-c", ASK, "claude-sonnet-4-5"]
    done = shell.cs("run", "--name", "outer", "--", *inner, env=asks(provider))
    assert (done.code, done.out) == (0, "200\n")
    calls = {s["name"]: (s["aiCalls"], s["status"]) for s in shell.ok("list", "--json")}
    assert calls == {"outer": (0, "completed"), "inner": (1, "completed")}
    assert len(provider.requests) == 1


def test_an_agent_that_follows_the_skill_inside_a_run_joins_it(shell: Shell) -> None:
    """`cs start --close-stale` continues the run's session; `cs end` ends it, and the run says so quietly."""
    script = (
        "$0 -m codesession start mine --json --close-stale >started; $0 -m codesession note remark --json >/dev/null;"
        " $0 -m codesession end -n 'by the agent' --json >/dev/null; exit 5"
    )
    done = shell.cs("run", "--name", "outer", "--no-proxy", "--", "sh", "-c", script, PY)
    assert done.code == 5
    (session,) = shell.ok("list", "--json")
    assert (session["name"], session["notes"], session["status"]) == ("outer", "by the agent", "completed")
    assert "Traceback" not in done.err


@pytest.mark.parametrize("number", ["999", "abc", "", "-1", "9" * 40, "1 "])
def test_a_session_number_left_in_the_environment_is_harmless(shell: Shell, number: str) -> None:
    """Commands work as if it were not there."""
    shell.ok("start", "task", "--json", env={"CODESESSION_SESSION_ID": number})
    assert shell.ok("status", "--json", env={"CODESESSION_SESSION_ID": number})["name"] == "task"


def test_a_port_that_is_taken_is_an_error_only_if_it_was_asked_for(shell: Shell) -> None:
    """Else any free one does."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = shell.cs("run", "--port", str(taken.getsockname()[1]), "--", PY, "-c", "open('ran', 'w')")
    assert done.code == 1
    assert "in use" in done.err
    assert not (shell.cwd / "ran").exists()
    assert shell.ok("list", "--json") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "0"], "--port"),
        (["--budget", "-1"], "--budget"),
        (["--budget", "1e-15"], "smallest amount"),
        (["--strict"], "--strict"),
        (["--no-proxy", "--budget", "5"], "--no-proxy"),
        (["--no-proxy", "--on-budget", "kill"], "--no-proxy"),
        (["--no-proxy", "--port", "4000"], "--no-proxy"),
        (["--name", "x" * 2_000], "name"),
        (["--name", ""], "name is empty"),
        (["--name", "  "], "name is empty"),
        ([], "COMMAND"),
    ],
)
def test_misuse_starts_nothing(shell: Shell, options: list[str], words: str) -> None:
    """Words, exit 1, no session."""
    command = ["--", PY, "-c", "open('ran', 'w')"] if options else []
    done = shell.cs("run", *options, *command)
    assert (done.code, words in done.err) == (1, True)
    assert not (shell.cwd / "ran").exists()


def test_a_summary_nobody_reads_does_not_change_the_exit_status(shell: Shell) -> None:
    """Stderr is a closed pipe: the status is the command's all the same."""
    read, write = os.pipe()
    os.close(read)
    done = shell.cs("run", "--no-proxy", "--", PY, "-c", "raise SystemExit(7)", stderr=write)
    os.close(write)
    assert done.code == 7
    assert shell.ok("show", "--json")["status"] == "completed"


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("claude", "-p", "fix the login"), "claude"),
        (("echo", "my-secret-prompt", "x y", "sk-ant-api03-abcdef"), "echo"),
        (("curl", "http://h/?key=SECRET"), "curl"),
        (("mysql", "-pSECRET"), "mysql"),
        (("cat", "examples/agent.py"), "cat"),
        (("python", "examples/agent.py", "fix the login"), "python agent.py"),
        (("/usr/bin/python3.12", "examples/agent.py"), "/usr/bin/python3.12 agent.py"),
        (("python", "no-such-file"), "python"),
        (("sh", "-c", "KEY=sk-1 claude"), "sh"),
        (("x" * 200,), "x" * 119 + "…"),
    ],
)
def test_a_session_is_named_after_the_program_without_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], name: str
) -> None:
    """A prompt or a key on the command line is never stored, not even as a name; a script is known by its file."""
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "agent.py").touch()
    monkeypatch.chdir(tmp_path)
    assert default_name(argv) == name


def test_no_argument_of_the_command_is_stored(shell: Shell) -> None:
    """Neither prompt nor key nor query string is anywhere on disk."""
    shell.cs("run", "--no-proxy", "--", "echo", "my-secret-prompt", "http://h/?key=my-secret-key", "-pmy-secret")
    assert shell.ok("show", "--json")["name"] == "echo"
    written = [path for path in shell.home.rglob("*") if path.is_file()]
    assert shell.ledger in written
    assert not [path for path in written if b"my-secret" in path.read_bytes()]


@pytest.mark.parametrize(
    ("module", "fault"),
    [
        ("httptools", "raise ImportError('no such library')"),
        ("httptools", "raise RuntimeError('a broken environment')"),
        ("aiohappyeyeballs", "this is no Python"),
    ],
)
def test_a_proxy_that_cannot_be_loaded_costs_the_record_and_not_the_command(
    shell: Shell, tmp_path: Path, module: str, fault: str
) -> None:
    """The command runs already: it is waited for, its calls fail at once instead of hanging, stderr says why."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / f"{module}.py").write_text(fault)
    code = (
        "import os, sys, time, urllib.request\n"
        "sys.path[:] = [p for p in sys.path if 'broken' not in p]\n"
        "begin = time.monotonic()\n"
        "try: urllib.request.urlopen(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages', b'{}', timeout=20)\n"
        "except OSError as error: print('refused' if time.monotonic() - begin < 10 else 'hung')\n"
        "raise SystemExit(7)\n"
    )
    path = f"{broken}{os.pathsep}{shell.environment()['PYTHONPATH']}"
    done = shell.cs("run", "--", PY, "-c", code, env={"PYTHONPATH": path})
    assert (done.code, done.out) == (7, "refused\n"), done.err
    assert "the proxy did not start" in done.err
    assert "Traceback" not in done.err
    assert shell.ok("show", "--json")["status"] == "completed"


def test_a_faster_event_loop_that_does_not_load_costs_nothing(shell: Shell, tmp_path: Path) -> None:
    """The standard library's serves as well."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "uvloop.py").write_text("raise RuntimeError('a broken environment')")
    code = (
        "import os, urllib.request\n"
        "origin = os.environ['ANTHROPIC_BASE_URL'].partition('/s/')[0]\n"
        "print(urllib.request.urlopen(origin + '/health', timeout=20).status)\n"
    )
    path = f"{broken}{os.pathsep}{shell.environment()['PYTHONPATH']}"
    done = shell.cs("run", "--", PY, "-c", code, env={"PYTHONPATH": path})
    assert (done.code, done.out) == (0, "200\n"), done.err


END_THEN_ASK = (
    "import subprocess, sys, urllib.error\n"
    "subprocess.run([sys.executable, '-m', 'codesession', *sys.argv[2:]], check=True, stdout=subprocess.DEVNULL)\n"
    f"try:\n    exec({ASK!r})\nexcept urllib.error.HTTPError as error:\n    print(error.code)\n"
)


@pytest.mark.parametrize("ended_by", [("end", "--json"), ("end", "-s", "1", "--json"), ("recover", "--max-age", "0")])
def test_the_budget_of_a_run_holds_after_the_end_of_its_session(
    shell: Shell, provider: FakeProvider, ended_by: tuple[str, ...]
) -> None:
    """Agents are told to end their session when a task is done, and go on with the next one."""
    done = shell.cs(
        "run", "--budget", "0", "--", PY, "-c", END_THEN_ASK, "claude-sonnet-4-5", *ended_by, env=asks(provider)
    )
    assert (done.code, done.out) == (0, "403\n")
    assert provider.requests == []


def test_without_a_ledger_only_a_strict_budget_keeps_the_command_from_running(shell: Shell) -> None:
    """It lets nothing pass that it cannot count; any other is said not to be kept."""
    shell.ledger.parent.mkdir(exist_ok=True)
    shell.ledger.write_bytes(b"no database" * 1000)
    strict = shell.cs("run", "--budget", "5", "--strict", "--", "echo", "ran")
    assert (strict.code, strict.out) == (1, "")
    assert "sessions.db" in strict.err
    kept = shell.cs("run", "--budget", "5", "--", "echo", "ran")
    assert (kept.code, kept.out) == (0, "ran\n")
    assert "its budget not kept" in kept.err
    assert kept.err.count("warning: ") == 1


def test_a_run_inside_a_run_counts_for_the_budget_around_it(shell: Shell, provider: FakeProvider) -> None:
    """Each is a session of its own; whoever calls spends the outer one's money too, and is told whose is used up."""
    ask = shell.cwd / "ask.py"
    refused = "except urllib.error.HTTPError as refused: print(refused.code, refused.read())"
    ask.write_text(f"import urllib.error\ntry: exec({ASK!r})\n{refused}")
    run = [sys.executable, "-m", "codesession", "run", "--"]
    commands = [[*around, PY, str(ask), "claude-sonnet-4-5"] for around in (run * 2, [], run)]
    code = f"import subprocess; [subprocess.run(command, check=True) for command in {commands!r}]"
    done = shell.cs("run", "--budget", "0.000001", "--", PY, "-c", code, env=asks(provider))
    assert done.code == 0, done.err
    assert [line[:3] for line in done.out.splitlines()] == ["200", "403", "403"]
    assert "session" in done.out
    assert len(provider.requests) == 1
    assert [found["aiCalls"] for found in shell.ok("list", "--json")].count(1) == 1
    assert "Runs inside" in done.err


def test_a_limit_for_each_session_holds_around_a_run_too(shell: Shell, provider: FakeProvider) -> None:
    """What a run began counts as the run's own."""
    shell.ok("budget", "set", "0.000001", "--scope", "session", "--each", "--json")
    ask = [PY, "-c", ASK, "claude-sonnet-4-5"]
    inner = [sys.executable, "-m", "codesession", "run", "--", *ask]
    code = f"import subprocess; [subprocess.run({inner!r}) for _ in range(2)]"
    done = shell.cs("run", "--", PY, "-c", code, env=asks(provider))
    assert done.out == "200\n"
    assert len(provider.requests) == 1
