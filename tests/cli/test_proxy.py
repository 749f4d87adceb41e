"""`cs proxy`: what it prints, in the language of the shell, and what is left when it stops."""

from __future__ import annotations

import http.client
import json
import signal

import pytest

from codesession.cli.proxy import exports, shell_of_user
from support.fake_provider import FakeProvider
from support.shell import Shell


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export ANTHROPIC_BASE_URL=http://127.0.0.1:9/p/anthropic"),
        ("fish", "set -gx ANTHROPIC_BASE_URL http://127.0.0.1:9/p/anthropic"),
        ("powershell", '$env:ANTHROPIC_BASE_URL = "http://127.0.0.1:9/p/anthropic"'),
    ],
)
def test_exports_are_in_the_language_of_the_shell(shell: str, line: str) -> None:
    """One line per provider, to be pasted."""
    assert exports(9, shell)[0] == line
    assert any("OPENAI_BASE_URL" in each and "/p/openai/v1" in each for each in exports(9, shell))


@pytest.mark.parametrize(
    ("env", "shell"),
    [
        ({"SHELL": "/usr/bin/fish"}, "fish"),
        ({"SHELL": "/bin/bash"}, "sh"),
        ({}, "sh"),
        ({"PSModulePath": "x"}, "powershell"),
    ],
)
def test_the_shell_is_told_by_the_environment(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], shell: str) -> None:
    """PowerShell on Linux has a SHELL too: then that one is meant."""
    for name in ("SHELL", "PSModulePath"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert shell_of_user() == shell


def test_it_serves_for_a_named_session_and_ends_it_when_stopped(shell: Shell) -> None:
    """Ctrl+C is the normal end: status 0, the session's summary, no traceback."""
    process = shell.start("proxy", "--session", "my\x1b[31m task")
    assert process.stdout is not None
    first = process.stdout.readline().decode()
    assert first.startswith("Listening on http://127.0.0.1:")
    port = int(first.split("127.0.0.1:")[1].split(";")[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/health")
    assert json.loads(connection.getresponse().read())["activeSession"]["name"] == "my\x1b[31m task"
    connection.close()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert b"\x1b" not in out + err
    assert b"Traceback" not in err
    assert shell.ok("show", "--json")["status"] == "completed"


def test_it_says_which_budgets_do_not_hold_without_a_session(shell: Shell) -> None:
    """Who set one for this project must not believe that it stops anything here."""
    process = shell.start("proxy")
    assert process.stdout is not None
    while b"No session is active" not in (line := process.stdout.readline()):
        assert line, "the proxy ended"
    assert b"No budget of a session or a project counts such calls" in process.stdout.readline()
    process.terminate()
    process.communicate(timeout=30)


def test_a_ledger_that_cannot_be_used_does_not_keep_calls_from_passing(shell: Shell) -> None:
    """It is said at once, and again at the end with what was kept beside it; the agent notices nothing."""
    shell.home.joinpath(".codesession").mkdir()
    shell.home.joinpath(".codesession", "sessions.db").write_text("no database")
    with FakeProvider() as provider:
        process = shell.start("proxy", env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url})
        assert process.stdout is not None
        port = int(process.stdout.readline().decode().split("127.0.0.1:")[1].split(";")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/v1/messages", b'{"model": "claude-sonnet-4-5", "max_tokens": 5}')
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert b"Calls pass all the same." in out
    assert b"calls are not recorded now" in err
    assert b"1 model call could not be recorded yet" in err


def test_an_endpoint_that_cannot_be_used_leaves_no_session_behind(shell: Shell) -> None:
    """It is said before anything begins."""
    done = shell.cs("proxy", "--session", "task", env={"CODESESSION_UPSTREAM_OPENAI": "garbage"})
    assert (done.code, "openai" in done.err) == (1, True)
    assert shell.ok("list", "--json") == []


def test_the_doctor_proves_that_nothing_is_changed_and_asks_a_gateway(shell: Shell) -> None:
    """A line per check; a gateway that is down is a FAIL and status 1."""
    with FakeProvider() as provider:
        done = shell.cs("proxy", "doctor", "--json", env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url})
        assert done.code == 0, done
        assert {check["verdict"] for check in done.json["checks"]} == {"PASS"}
        assert done.json["checks"][-1]["name"] == "upstream anthropic"
    lost = shell.cs("proxy", "doctor", env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url})
    assert lost.code == 1
    assert "FAIL  upstream anthropic" in lost.out


def test_the_doctor_of_an_unknown_provider_says_which_there_are(shell: Shell) -> None:
    """Before anything is measured."""
    assert "anthropic" in shell.cs("proxy", "doctor", "--upstream", "nobody", "--json").error["hint"]


def test_a_word_that_is_no_subcommand_is_misuse(shell: Shell) -> None:
    """The proxy does not start by accident."""
    assert shell.cs("proxy", "stop", "--json").error["code"] == "invalid_input"
