"""
For every test: a home of its own, so that nobody's ledger is touched, and repeatable random examples in CI.

Property tests look at new examples on a developer's machine; in CI the same ones every time, so that a failure
there is caused by the change.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from support.postgres import PostgresServer

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

os.environ.pop("PYTHONUNBUFFERED", None)  # it hides what is left in a buffer at the end
os.environ["TERM"] = "xterm-256color"  # a runner without a terminal may have a dumb one, which has no emphasis

for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:  # as in the background or under nohup: commands would inherit it
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """New folders without end. `mktemp` for each would look at all before it: thousands of times thousands."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and no setting of the developer's shell."""
    folder = next(homes)
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in list(os.environ):
        if name.startswith(("CODESESSION_", "ANTHROPIC_", "OPENAI_", "GEMINI_", "GOOGLE_")):
            monkeypatch.delenv(name)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A private PostgreSQL server, one for all tests of a process; without its programs such tests are skipped."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    from support.postgres import binaries, postgres_server

    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with postgres_server(programs) as server:
        yield server
