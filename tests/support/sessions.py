"""Sessions and services to test with: real parts over a real ledger, and a clock that a test can move."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesession.domain.session import Session, SessionStatus
from codesession.services import repo
from codesession.services.scopes import Scopes
from codesession.services.sessions import Repo, SessionService
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS


def make_stored(**changes: Any) -> Session:
    """A session as the ledger gives it back: active, nothing counted."""
    counters = (
        "files_changed",
        "commits",
        "requests",
        "unpriced_requests",
        "lower_bound_requests",
        "list_price_requests",
        "input_tokens",
        "cache_read_input_tokens",
        "cache_write_input_tokens",
        "cache_write_1h_input_tokens",
        "output_tokens",
        "reasoning_output_tokens",
        "total_tokens",
        "cost_picousd",
    )
    values: dict[str, Any] = {
        "id": 1,
        "uid": "019a0000-0000-7000-8000-000000000001",
        "name": "task",
        "status": SessionStatus.ACTIVE,
        "directory": "/repo",
        "git_root": "/repo",
        "git_branch": "main",
        "start_git_head": None,
        "started_at_ms": NOW_MS,
        "ended_at_ms": None,
        "end_notes": None,
        "budget_picousd": None,
        **dict.fromkeys(counters, 0),
    }
    return Session(**{**values, **changes})


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW_MS

    def __call__(self) -> int:
        return self.now


@dataclass
class Bench:
    """The session service with all its parts, over a ledger of its own."""

    home: Path
    clock: Clock
    store: SqlStore
    sessions: SessionService
    scopes: Scopes

    def inside_run(self, session_id: int) -> Bench:
        """The same ledger as seen by a command under `cs run`."""
        return open_bench(self.home, clock=self.clock, surrounding=session_id)


def open_bench(home: Path, *, clock: Clock | None = None, surrounding: int | None = None) -> Bench:
    """Everything a test of sessions needs; `surrounding` is what CODESESSION_SESSION_ID says."""
    clock = clock or Clock()
    folder = home / ".codesession"
    store = SqlStore(SqliteDatabase(folder / "sessions.db", now_ms=clock()))
    scopes = Scopes(store, repo.locate, surrounding)
    parts = Repo(repo.baseline, repo.scan_session)
    sessions = SessionService(store, scopes, parts, clock, folder, folder / "sessions.db")
    return Bench(home=home, clock=clock, store=store, sessions=sessions, scopes=scopes)
