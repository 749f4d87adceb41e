"""File changes, told to the program."""

from __future__ import annotations

import threading
from pathlib import Path

from codesession import track
from codesession.api.watching import FileWatch
from support.sessions import make_stored
from support.shell import Shell


def test_file_changes_are_told_as_they_happen(user: Shell) -> None:
    """From a thread of ours."""
    seen, came = [], threading.Event()

    def tell(path: str, kind: str) -> None:
        seen.append((path, kind))
        came.set()

    with track("Fix", on_file_change=tell):
        for number in range(100):
            Path("new.py").write_text(f"x = {number}\n")
            if came.wait(0.1):
                break
    assert seen[0][0] == "new.py"
    assert seen[0][1] in ("created", "modified")


def test_no_callback_after_the_end(user: Shell) -> None:
    """Once the block is left, files may change unheard."""
    seen: list[str] = []
    with track("Fix", on_file_change=lambda path, kind: seen.append(path)):
        pass
    Path("late.py").write_text("x = 1\n")
    threading.Event().wait(0.7)
    assert seen == []


def test_what_cannot_be_watched_is_told(user: Shell) -> None:
    """The watching thread takes nothing with it."""
    troubles: list[BaseException] = []
    user.ledger.parent.mkdir()
    user.ledger.write_bytes(b"no database" * 100)
    watch = FileWatch(user.environment(), make_stored(), lambda *_: None, troubles.append)
    watch._thread.join(10)
    watch.stop()
    assert len(troubles) == 1
