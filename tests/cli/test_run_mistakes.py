"""A typing error in the settings neither disarms a budget nor keeps an agent from starting."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from support.fake_provider import FakeProvider, SeenRequest
from support.shell import Shell

ASK = """
import json, os, sys, urllib.request, urllib.error
body = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": []}).encode()
for _ in range(int(sys.argv[1])):
    request = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", body)
    try:
        print(urllib.request.urlopen(request, timeout=20).status)
    except urllib.error.HTTPError as refused:
        print(refused.code)
"""


def answer(request: SeenRequest) -> list[bytes]:
    """Each call has an id of its own."""
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    message = {"type": "message", "id": f"msg_{next(_ids)}", "model": json.loads(request.body)["model"], "usage": usage}
    body = json.dumps(message).encode()
    return [b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body]


_ids = count(1)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(respond=answer) as running:
        yield running


def home(shell: Shell) -> Path:
    folder = shell.home / ".codesession"
    folder.mkdir(exist_ok=True)
    return folder


def asked(shell: Shell, provider: FakeProvider, times: int, *options: str, **env: str) -> list[str]:
    """What so many calls in one run are answered."""
    env |= {"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
    done = shell.cs("run", *options, "--", sys.executable, "-c", ASK, str(times), env=env)
    assert done.code == 0, done.err
    return done.out.split()


def test_a_broken_price_file_disarms_no_budget(shell: Shell, provider: FakeProvider) -> None:
    """One that is used up stops the first call; otherwise each call counts as the ceiling until its price is known."""
    (home(shell) / "pricing.json").write_text('{"typo": {"input": "x", "output": 1}}')
    shell.ok("budget", "set", "0", "--period", "day", "--json")
    assert asked(shell, provider, 1) == ["403"]
    shell.ok("budget", "set", "1.5", "--period", "day", "--json")
    assert asked(shell, provider, 4) == ["200", "200", "403", "403"]


def test_a_time_zone_that_nobody_knows_disarms_no_budget(shell: Shell, provider: FakeProvider) -> None:
    """Its days are UTC's then; it is said."""
    shell.ok("budget", "set", "0.000001", "--period", "day", "--json")
    assert asked(shell, provider, 2, "--budget", "5", TZ="PST") == ["200", "403"]
    assert "'PST'" in shell.cs("run", "--", "true", env={"TZ": "PST"}).err


@pytest.mark.parametrize("config", ["[prxy]\nport = 1\n", "x = [", '[import]\ntitles = "yes"\n'])
def test_a_command_runs_although_the_settings_cannot_be_read(shell: Shell, config: str) -> None:
    """What cannot be kept is said; a strict budget runs nothing that it cannot count."""
    (home(shell) / "config.toml").write_text(config)
    ran = shell.cs("run", "--", "echo", "ran")
    assert (ran.code, ran.out) == (0, "ran\n")
    assert "this run is not recorded" in ran.err
    assert "config.toml" in ran.err
    kept = shell.cs("run", "--budget", "5", "--", "echo", "ran")
    assert (kept.code, kept.out, "its budget not kept" in kept.err) == (0, "ran\n", True)
    strict = shell.cs("run", "--budget", "5", "--strict", "--", "echo", "ran")
    assert (strict.code, strict.out) == (1, "")
