"""Whatever is wrong with the ledger: the error says so, the file stays as it was, and `cs run` runs the command."""

from __future__ import annotations

import ctypes
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from support.fake_provider import FakeProvider
from support.shell import Shell

COMMAND = ("--", sys.executable, "-c", "print('ran'); raise SystemExit(7)")


def folder_in_the_way(shell: Shell) -> dict[str, Any]:
    """A folder has the ledger's name."""
    shell.ledger.mkdir(parents=True)
    return {}


def file_in_the_way(shell: Shell) -> dict[str, Any]:
    """A file has the folder's name."""
    shell.ledger.parent.write_text("a file")
    return {}


def no_database(shell: Shell) -> dict[str, Any]:
    """The file is something else."""
    shell.ledger.parent.mkdir()
    shell.ledger.write_bytes(b"my only copy of something else" * 500)
    return {}


def damaged(shell: Shell) -> dict[str, Any]:
    """All pages but the first are overwritten."""
    shell.ok("start", "task", "--json")
    with sqlite3.connect(shell.ledger) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    data = shell.ledger.read_bytes()
    shell.ledger.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    return {}


def newer(shell: Shell) -> dict[str, Any]:
    """Written by a version to come."""
    shell.ok("start", "task", "--json")
    with sqlite3.connect(shell.ledger) as raw:
        raw.execute("PRAGMA user_version = 9999")
        raw.execute("PRAGMA journal_mode = DELETE")
    raw.close()
    return {}


def disk_full(shell: Shell) -> dict[str, Any]:
    """No file may grow: what a full disk does, for the ledger as for its log."""

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    return {"preexec_fn": no_room}


BROKEN = [folder_in_the_way, file_in_the_way, no_database, damaged, newer, disk_full]


def contents(shell: Shell) -> dict[str, bytes]:
    """Every file of the user's folder that is not SQLite's own scratch paper."""
    files = (p for p in shell.home.rglob("*") if p.is_file() and not p.name.endswith(("-shm", "-wal", "-journal")))
    return {str(p): p.read_bytes() for p in files}


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda f: f.__name__)
def test_commands_say_what_is_wrong_and_touch_nothing(
    shell: Shell, break_it: Callable[[Shell], dict[str, Any]]
) -> None:
    """`storage_error` with the path and a hint, for reading and for writing."""
    options = break_it(shell)
    before = contents(shell)
    for command in (["start", "x"], ["note", "x", "-s", "1"], ["log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1"]):
        done = shell.cs(*command, "--json", **options)
        assert "Traceback" not in done.err
        assert done.error["code"] == "storage_error", command
        assert str(shell.ledger) in done.error["message"]
        assert done.error["hint"]
    after = contents(shell)
    assert {path: data for path, data in after.items() if data} == {path: data for path, data in before.items() if data}


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda f: f.__name__)
def test_a_run_runs_all_the_same_and_says_that_it_is_not_recorded(
    shell: Shell, break_it: Callable[[Shell], dict[str, Any]]
) -> None:
    """Output and exit status are the command's; one warning, no traceback."""
    done = shell.cs("run", *COMMAND, **break_it(shell))
    assert (done.code, done.out) == (7, "ran\n")
    assert "not recorded" in done.err
    assert "Traceback" not in done.err


@contextmanager
def locked(shell: Shell) -> Iterator[None]:
    """Another program holds the write lock."""
    holder = sqlite3.connect(shell.ledger, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@pytest.mark.timeout(90)
def test_a_locked_ledger_is_waited_for_and_then_named(shell: Shell) -> None:
    """Reading goes on; writing says who is in the way; a run runs. All three wait at the same time here."""
    shell.ok("start", "task", "--json")
    with locked(shell):
        note, run = shell.start("note", "x", "--json"), shell.start("run", "--no-proxy", *COMMAND)
        assert shell.ok("status", "--json")["name"] == "task"
        said, _ = note.communicate(timeout=60)
        out, err = run.communicate(timeout=60)
    assert note.returncode == 1
    assert b"locked" in said
    assert b"storage_error" in said
    assert (run.returncode, out) == (7, b"ran\n")
    assert b"not recorded" in err
    assert shell.ok("note", "afterwards", "--json")


def test_a_ledger_that_breaks_during_a_run_costs_the_record_only(shell: Shell) -> None:
    """The command's call gets its answer; that it could not be recorded is said with its number."""
    shell.ok("start", "task", "--json")
    code = (
        "import os, pathlib, sqlite3, sys, urllib.request\n"
        "ledger = pathlib.Path(sys.argv[1])\n"
        "for file in ledger.parent.glob('sessions.db*'): file.unlink()\n"
        "ledger.mkdir()\n"
        "request = urllib.request.Request(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages', b'{\"model\": \"m\"}')\n"
        "print(urllib.request.urlopen(request, timeout=20).status)\n"
        "raise SystemExit(7)\n"
    )
    with FakeProvider() as provider:
        done = shell.cs(
            "run",
            "--",
            sys.executable,
            "-c",
            code,
            str(shell.ledger),
            env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url},
        )
    assert (done.code, done.out) == (7, "200\n")
    assert "1 model call could not be recorded" in done.err
    assert "Traceback" not in done.err


def without_override() -> None:
    """Give up root's right to write where it may not; nobody else has it."""
    PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="root gives up its rights by a call of Linux")
def test_a_read_only_ledger_is_named_and_a_run_runs(shell: Shell) -> None:
    """Neither the folder nor the file may be written."""
    shell.ok("start", "task", "--json")
    with sqlite3.connect(shell.ledger) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    before = contents(shell)
    shell.ledger.chmod(0o400)
    shell.ledger.parent.chmod(0o500)
    try:
        note = shell.cs("note", "x", "-s", "1", "--json", preexec_fn=without_override)
        run = shell.cs("run", "--no-proxy", *COMMAND, preexec_fn=without_override)
    finally:
        shell.ledger.parent.chmod(0o700)
        shell.ledger.chmod(0o600)
    assert note.error["code"] == "storage_error"
    assert "Traceback" not in note.err
    assert (run.code, run.out) == (7, "ran\n")
    assert "not recorded" in run.err
    assert contents(shell) == before
