"""`cs run` with its proxy in a real terminal: a full-screen program behaves as without it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.terminal import Screen

CS = [sys.executable, "-m", "codesession"]

FULL_SCREEN = """
import curses, signal, os
def main(screen):
    interrupted = []
    signal.signal(signal.SIGINT, lambda *_: interrupted.append(1))
    screen.addstr(0, 0, f"group {os.getpgrp() == os.tcgetpgrp(0)} tty {[os.isatty(n) for n in range(3)]}")
    screen.refresh()
    while True:
        key = screen.getch()
        if key == ord("s"):
            screen.addstr(1, 0, "size {1}x{0}".format(*os.get_terminal_size()))
        elif key == ord("i"):
            screen.addstr(2, 0, f"interrupts {len(interrupted)}")
        elif key == ord("q"):
            return
        screen.refresh()
curses.wrapper(main)
raise SystemExit(9)
"""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A full-screen program under `cs run`, proxy included."""
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2] / "src")
    opened = Screen([*CS, "run", "--name", "curses", "--", sys.executable, "-c", FULL_SCREEN], environment)
    yield opened
    opened.leader.kill()
    opened.leader.wait()
    os.close(opened.master)


def test_a_full_screen_program_has_the_terminal_for_itself(screen: Screen) -> None:
    """Foreground group and terminal are the program's; resizing and Ctrl+C reach it, each once; then the summary."""
    screen.until(r"group True tty \[True, True, True\]")
    screen.resize(30, 100)
    screen.type("s")
    screen.until("size 30x100")
    screen.type("\x03i")
    screen.until("interrupts 1")
    screen.type("q")
    screen.until("── curses")
    screen.until("AI cost")
    assert screen.to_the_end() == 9
    assert "Traceback" not in screen.shown
