"""A program of a user with an empty home, in a repository of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from codesession import instrument, uninstrument
from codesession.app import App
from codesession.services.sessions import SessionDetail
from support import wires
from support.fake_provider import FakeProvider, Script, SeenRequest
from support.shell import Shell, clean_environment, make_shell

Recorded = Callable[[], SessionDetail]


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Whose program the test is."""
    shell = make_shell(tmp_path / "user")
    kept = clean_environment(shell.home)
    for name in set(os.environ) - set(kept):
        monkeypatch.delenv(name)
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(shell.cwd)
    return shell


@pytest.fixture
def recorded(user: Shell) -> Iterator[Recorded]:
    """The newest session as the ledger has it, read with a connection of its own."""
    app = App(user.environment(), user.cwd)
    yield lambda: app.sessions.newest()
    app.close()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that answers like the real ones, every time with another id."""
    numbers = count(1000)

    def answer(request: SeenRequest) -> Script:
        number = b"%d" % next(numbers)
        return [_renumbered(step, number) if isinstance(step, bytes) else step for step in wires.answer(request)]

    with FakeProvider(answer) as fake:
        yield fake


_IDS = (b"msg_json", b"msg_stream", b"chatcmpl-json", b"chatcmpl-stream", b"resp_json", b"resp_stream", b"gemini-1")


def _renumbered(step: bytes, number: bytes) -> bytes:
    """An id of its own for every answer, in as many bytes."""
    for known in _IDS:
        step = step.replace(b'"' + known + b'"', b'"' + known[: -len(number)] + number + b'"')
    return step


@pytest.fixture
def instrumented(user: Shell) -> Iterator[None]:
    """The SDKs' clients are watched during the test."""
    instrument()
    yield
    uninstrument()
