"""`/metrics` of the installed commands, as Prometheus asks for it: with a ledger that has calls, and one that fails."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import subprocess
from collections.abc import Iterator, Mapping

from support.shell import Shell

TOKEN = "prometheus-reads-this"


@contextlib.contextmanager
def serving(shell: Shell, *command: str, env: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A command that goes on, and the first line it said; ended by Ctrl+C."""
    process = shell.start(*command, env=env)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().decode()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert b"Traceback" not in err
    finally:
        process.kill()
        process.communicate()


def ask(port: int, headers: Mapping[str, str] | None = None, path: str = "/metrics") -> tuple[int, str]:
    """Status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        got = connection.getresponse()
        return got.status, got.read().decode()
    finally:
        connection.close()


def with_a_call(shell: Shell) -> Shell:
    """A session with a secret name, a call and a note."""
    shell.ok("start", "secret plan", "--json")
    shell.ok("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "-t", "1000", "--json")
    shell.ok("note", "secret remark", "--json")
    return shell


def port_of(line: str) -> int:
    """`Listening on http://127.0.0.1:PORT; …`"""
    return int(line.split("127.0.0.1:")[1].split(";")[0])


def test_the_proxy_answers_with_the_sums_of_the_ledger(shell: Shell) -> None:
    """The same text as `cs metrics`; nothing that anybody wrote is in it."""
    with_a_call(shell)
    with serving(shell, "proxy", env={"CODESESSION_METRICS": "1"}) as (_, line):
        status, text = ask(port_of(line))
        assert (status, text) == (200, shell.cs("metrics").out)
    assert 'codesession_calls_total{provider="anthropic",model="claude-sonnet-4-5",agent=""} 1\n' in text
    assert "secret" not in text


def test_a_proxy_whose_ledger_is_broken_fails_the_scrape_and_goes_on(shell: Shell) -> None:
    """Prometheus is told 503; calls are let through as ever."""
    with serving(shell, "proxy", env={"CODESESSION_METRICS": "1"}) as (_, line):
        assert ask(port_of(line), path="/health")[0] == 200
        for path in shell.ledger.parent.glob("sessions.db*"):
            path.unlink()
        shell.ledger.mkdir(parents=True)
        assert ask(port_of(line))[0] == 503
        assert ask(port_of(line), path="/health")[0] == 200


def test_nobody_is_answered_without_the_setting(shell: Shell) -> None:
    """Opt-in."""
    with serving(shell, "proxy", env={}) as (_, line):
        assert ask(port_of(line))[0] == 404


def test_the_dashboard_answers_whoever_has_its_token(shell: Shell) -> None:
    """Switched on in config.toml, with a token of the user's own."""
    with_a_call(shell)
    (shell.home / ".codesession" / "config.toml").write_text("[metrics]\nserve = true\n")
    command = ("dashboard", "--no-open", "--json")
    with serving(shell, *command, env={"CODESESSION_DASHBOARD_TOKEN": TOKEN}) as (_, line):
        port = json.loads(line)["port"]
        assert ask(port)[0] == 401
        assert ask(port, {"Authorization": f"Bearer {TOKEN}"}) == (200, shell.cs("metrics").out)
