"""The composition root builds what is asked for, when it is asked for."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from codesession.app import App, now_ms
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import StorageError, UnavailableError
from codesession.store.migrate import LATEST
from support.ledger import make_session


def test_making_one_touches_nothing(tmp_path: Path) -> None:
    """No file, no connection; closing what was never opened is fine."""
    app = App(environment={"HOME": str(tmp_path)})
    app.close()
    assert list(tmp_path.iterdir()) == []


def test_another_thread_has_a_connection_of_its_own_over_the_same_ledger(tmp_path: Path) -> None:
    """SQLite's connections belong to the thread that made them."""
    app = App(environment={"HOME": str(tmp_path)})
    app.store.create_session(make_session(name="seen"), exclusive=True)
    seen: list[str] = []

    def look() -> None:
        own = app.for_thread()
        seen.extend(s.name for s in own.store.active_sessions())
        own.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    app.close()
    assert seen == ["seen"]


def test_whether_the_ledger_may_be_written_is_found_out_without_writing(tmp_path: Path) -> None:
    """A newer program's ledger may be read on, no more."""
    app = App(environment={"HOME": str(tmp_path)})
    app.check_writing()
    with closing(sqlite3.connect(app.settings.ledger_path)) as newer:
        newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    with pytest.raises(StorageError, match=f"schema {LATEST + 1}"):
        app.check_writing()
    app.close()


def test_the_background_writer_writes_into_the_ledger(tmp_path: Path) -> None:
    """With real prices and the real store."""
    app = App(environment={"HOME": str(tmp_path)})
    session = app.store.create_session(make_session(), exclusive=True)
    assert session is not None
    writer = app.background_writer()
    context = CallContext(source=Source.PROXY, started_at_ms=now_ms(), session_id=session.id)
    writer.submit(Observation(response=ModelResponse(provider_name="x", api="y", response_id="r"), context=context))
    assert writer.close()
    assert [r.response_id for r in app.store.requests(session.id, limit=None)] == ["r"]
    app.close()


def test_a_working_directory_that_is_gone_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent may delete the folder it stands in."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    os.rmdir(gone)
    with pytest.raises(UnavailableError, match="working directory"):
        _ = App(environment={"HOME": str(tmp_path)}).directory
    assert App(environment={}, directory=tmp_path).directory == tmp_path


def test_what_is_done_to_files_only_is_refused_for_a_ledger_on_a_server(tmp_path: Path) -> None:
    """Before anything is connected to; the error names the server and the way out, never the password."""
    app = App(environment={"HOME": str(tmp_path), "CODESESSION_DATABASE_URL": "postgresql://ada:hush@db.invalid/costs"})
    for refused in (app.start_over, app.on_copy().__enter__):
        with pytest.raises(UnavailableError, match=r"db\.invalid/costs") as caught:
            refused()
        assert caught.value.hint
        assert "hush" not in caught.value.message
