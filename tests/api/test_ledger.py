"""The thread that owns the ledger, and the processes that have one."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading

import pytest

from codesession import track
from codesession.api.ledger import settings_of, worker_for
from support.shell import Shell


def test_a_forked_child_has_a_ledger_of_its_own(user: Shell) -> None:
    """The parent's thread did not come along; a session of the child is recorded all the same."""
    with track("parent"):
        child = multiprocessing.get_context("fork").Process(target=_child)
        child.start()
        child.join(20)
        assert child.exitcode == 0
    assert {session["name"] for session in user.ok("list", "--json")} == {"parent", "child"}


def _child() -> None:
    with track("child") as session:
        session.log_ai("p", "m", tokens=1, cost=1)
        assert session.spent == 1


def test_only_what_names_the_ledger_tells_threads_apart(user: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed PATH is no other ledger; CODESESSION_DB_PATH is."""
    before = settings_of({"HOME": "/a", "PATH": "x", "CODESESSION_DB_PATH": "/a/b"})
    assert before == {"HOME": "/a", "CODESESSION_DB_PATH": "/a/b"}
    assert worker_for(before) is worker_for(dict(before))
    assert worker_for(before) is not worker_for({**before, "CODESESSION_DB_PATH": "/a/c"})


def test_all_sessions_share_one_thread(user: Shell) -> None:
    """However many there are."""
    with track("first"):
        threads = threading.active_count()
        with track("second"), track("third"):
            assert threading.active_count() == threads


def test_what_was_handed_over_is_written_before_the_program_ends(user: Shell) -> None:
    """Also without an end of the session."""
    program = (
        "from codesession import AgentSession\n"
        "session = AgentSession('left open')\n"
        "session.start()\n"
        "session._core.worker.ask(lambda app: app.sessions.note('last words', session.id, app.directory))\n"
    )
    subprocess.run([sys.executable, "-c", program], env=user.environment(), cwd=user.cwd, check=True)
    assert user.ok("status", "--json")["notes"][0]["message"] == "last words"
