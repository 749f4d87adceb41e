"""Single keys from a real terminal."""

from __future__ import annotations

import io
import os
import pty
import sys
import termios
import threading
import time
from collections.abc import Iterator

import pytest

from codesession.cli.keys import Keys


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield master
    os.close(master)


def test_a_key_needs_no_enter_and_the_terminal_is_put_back(terminal: int) -> None:
    """While it reads, lines are not edited; afterwards everything is as it was."""
    before = termios.tcgetattr(sys.stdin)
    with Keys() as keys:
        assert termios.tcgetattr(sys.stdin) != before
        os.write(terminal, b"q")
        assert keys.pressed(threading.Event(), 5) == {"q"}
    assert termios.tcgetattr(sys.stdin) == before


def test_without_a_key_the_time_passes(terminal: int) -> None:
    """Unless it is told to stop."""
    stop = threading.Event()
    with Keys() as keys:
        assert keys.pressed(stop, 0.1) == set()
        stop.set()
        began = time.monotonic()
        assert keys.pressed(stop, 20) == set()
        assert time.monotonic() - began < 20


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Input from a pipe or none at all is left alone."""
    for nothing in (io.StringIO("q"), None):
        monkeypatch.setattr(sys, "stdin", nothing)
        with Keys() as keys:
            assert keys.pressed(threading.Event(), 0.05) == set()
