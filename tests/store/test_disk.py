"""Why a ledger cannot be used, where the file system is to blame."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from codesession.store.disk import obstacle


def test_a_disk_with_room_that_may_be_written_is_not_to_blame(tmp_path: Path) -> None:
    """Nor one that is not there, of which SQLite says enough."""
    assert obstacle(tmp_path / "sessions.db") is None
    assert obstacle(tmp_path / "no" / "such" / "sessions.db") is None


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """A folder, or a pipe, of which SQLite says "disk I/O error"."""
    assert obstacle(tmp_path) == (f"{tmp_path} is no file", "move it away, or set CODESESSION_DB_PATH")


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one with a little left, which is too little for the write-ahead log's index."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=40_000))
    assert obstacle(tmp_path / "sessions.db") == ("the disk is full", "free some space and try again")


def test_a_file_system_that_does_not_tell_is_not_to_blame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then SQLite's own words must do."""

    def silent(_: object) -> None:
        raise OSError

    monkeypatch.setattr("shutil.disk_usage", silent)
    monkeypatch.setattr("os.statvfs", silent, raising=False)
    assert obstacle(tmp_path / "sessions.db") is None


def test_a_disk_that_is_mounted_read_only_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions would not help."""
    monkeypatch.setattr("os.statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    cause, hint = obstacle(tmp_path / "sessions.db") or ("", "")
    assert f"the disk of {tmp_path} is read-only" in cause
    assert "mount" in hint


@pytest.mark.parametrize("name", ["", "sessions.db"])
def test_a_folder_or_file_without_permission_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever of them it is."""
    (tmp_path / "sessions.db").touch()
    monkeypatch.setattr("os.access", lambda place, _: place != tmp_path / name)
    cause, hint = obstacle(tmp_path / "sessions.db") or ("", "")
    assert cause == f"{tmp_path / name} is read-only for you"
    assert "permissions" in hint
