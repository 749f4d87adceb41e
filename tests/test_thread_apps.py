"""Apps of a server's threads follow the ledger's file."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from codesession.app import App
from codesession.errors import StorageError
from codesession.thread_apps import ThreadApps
from support.spending import app_of


def test_every_thread_has_its_own_and_keeps_it(tmp_path: Path) -> None:
    """A connection belongs to one thread."""
    apps = ThreadApps(app_of(tmp_path / "s.db"))
    mine = apps(0)
    assert apps(2) is mine
    others: list[App] = []
    thread = threading.Thread(target=lambda: others.append(apps(0)))
    thread.start()
    thread.join()
    assert others[0] is not mine


def test_a_replaced_ledger_is_opened_anew_and_a_deleted_one_is_an_error(tmp_path: Path) -> None:
    """A moment later, until it is back."""
    path = tmp_path / "s.db"
    apps = ThreadApps(app_of(path))
    before = apps(0)
    before.sessions.start("old", tmp_path)
    time.sleep(0.06)  # so long it is believed to be there
    for each in tmp_path.glob("s.db*"):
        each.unlink()
    for _ in range(2):
        with pytest.raises(StorageError, match="is gone"):
            apps(0)
    assert not path.exists()
    app_of(path).store.active_sessions()
    assert apps(0) is not before
    assert apps(0).store.active_sessions() == []
