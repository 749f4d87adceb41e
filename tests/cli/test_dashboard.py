"""`cs dashboard` as a process."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.shell import CS, Shell, make_shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


@contextmanager
def started(shell: Shell, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A dashboard that serves, and its start line."""
    command = [*CS, "dashboard", "--no-open", "--json", *options]
    with subprocess.Popen(
        command,
        cwd=shell.cwd,
        env=shell.environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def status(start: dict[str, Any], path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", start["port"], timeout=10)
    connection.request("GET", path, headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_from_its_start_line_to_a_signal(shell: Shell, number: signal.Signals) -> None:
    """The line has what a script needs; after the signal nothing is left and nothing is said."""
    with started(shell) as (process, start):
        assert {"url", "port", "host", "pid", "apiVersion", "token", "schemaVersion"} <= start.keys()
        assert start["url"] == f"http://127.0.0.1:{start['port']}" and start["pid"] == process.pid
        assert status(start, "/api/v1/sessions", Authorization=f"Bearer {start['token']}") == 200
        assert status(start, "/api/v1/sessions") == 401

        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (0, "", "")
    assert not list((shell.home / ".codesession").glob("dashboard-*"))


def test_a_second_start_finds_the_first(shell: Shell) -> None:
    """It says so and ends; the token is the first one's."""
    with started(shell) as (_, first):
        second = json.loads(shell.cs("dashboard", "--no-open", "--json").out)

        assert (second["reused"], second["pid"], second["token"]) == (True, first["pid"], first["token"])
        assert status(second, "/api/v1/settings", Authorization=f"Bearer {second['token']}") == 200


def test_after_a_kill_a_new_one_is_started(shell: Shell) -> None:
    """The note that was left behind leads nowhere."""
    with started(shell) as (process, _):
        process.kill()
        process.wait()
    with started(shell) as (_, second):
        assert second["reused"] is False


def test_another_port_is_another_dashboard(shell: Shell) -> None:
    """A port that was asked for and is taken is an error."""
    with started(shell) as (_, first), started(shell, "--port", str(_free())) as (_, second):
        assert second["reused"] is False and second["port"] != first["port"]
        taken = shell.cs("dashboard", "--no-open", "--json", "--port", str(first["port"]), "--token", "x" * 16)
        assert taken.error["code"] == "unavailable"


def _free() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.org"])
def test_beyond_loopback_it_refuses_to_start_without_a_token(shell: Shell, host: str) -> None:
    """And says what would be exposed."""
    refused = shell.cs("dashboard", "--no-open", "--json", "--host", host)

    assert refused.error["code"] == "invalid_input"
    assert "every session" in refused.error["message"] and "CODESESSION_DASHBOARD_TOKEN" in refused.error["hint"]
    assert shell.cs("dashboard", "--json", "--host", host, "--token", "short").error["code"] == "invalid_input"


def test_beyond_loopback_it_warns_and_answers_to_named_hosts_only(shell: Shell) -> None:
    """The token is the one that was given."""
    options = ("--host", "0.0.0.0", "--allow-host", "box.lan")
    with started(shell, *options, CODESESSION_DASHBOARD_TOKEN="chosen by me, long") as (process, start):
        bearer = {"Authorization": "Bearer chosen by me, long"}
        assert start["token"] == "chosen by me, long"
        assert status(start, "/api/v1/settings", Host="box.lan", **bearer) == 200
        assert status(start, "/api/v1/settings", Host="evil.example", **bearer) == 421
        process.terminate()
        _, err = process.communicate(timeout=10)

    assert "not encrypted" in err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the browser")
def test_the_browser_is_given_a_code_and_not_the_token(shell: Shell, tmp_path: Path) -> None:
    """Everybody on this machine can read command lines; the code opens the page once."""
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.part && mv {seen}.part {seen}\n')
    browser.chmod(0o755)
    command = [*CS, "dashboard", "--json"]
    environment = shell.environment(BROWSER=f"{browser} %s", DISPLAY=":0")
    with subprocess.Popen(command, cwd=shell.cwd, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        start = json.loads(process.stdout.readline())
        try:
            assert status(start, "/api/v1/health") == 200
            for _ in range(100):
                if seen.exists():
                    break
                time.sleep(0.05)
            url = seen.read_text().strip()
        finally:
            process.kill()

    assert url.startswith(start["url"] + "/?token=") and start["token"] not in url
