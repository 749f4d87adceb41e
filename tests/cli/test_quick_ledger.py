"""The ledger is found as the settings find it."""

from __future__ import annotations

from pathlib import Path

from codesession.cli.quick_ledger import ledger_path


def test_the_ledger_is_found_as_settings_find_it(tmp_path: Path) -> None:
    """By variable, by config.toml, by default; a database that is no file is left to the whole program."""
    assert ledger_path({"CODESESSION_DB_PATH": "/l.db"}) == "/l.db"
    assert ledger_path({"HOME": str(tmp_path)}) == str(tmp_path / ".codesession" / "sessions.db")
    (tmp_path / ".codesession").mkdir()
    (tmp_path / ".codesession" / "config.toml").write_text('[ledger]\npath = "/mine.db"\n')
    assert ledger_path({"HOME": str(tmp_path)}) == "/mine.db"
    assert ledger_path({"CODESESSION_DATABASE_URL": "postgresql://x", "HOME": str(tmp_path)}) is None
