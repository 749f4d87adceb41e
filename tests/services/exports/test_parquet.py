"""Parquet files, read back by pyarrow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from codesession.errors import UnavailableError
from codesession.services.exports import parquet
from codesession.services.exports.calls import COLUMNS, ExportedCall
from support.ledger import make_request


def test_calls_come_back_with_exact_money_and_utc_times(tmp_path: Path) -> None:
    """Over several row groups; unknown is null; an empty ledger is a file with a schema."""
    read = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed").read_table
    file = tmp_path / "calls.parquet"
    calls = [ExportedCall(call=make_request(cost_picousd=None if n == 1 else n)) for n in range(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS_AT_ONCE", 2)
        assert parquet.write_parquet(file, calls) == 5
    table = read(file)
    assert table.column_names == list(COLUMNS)
    assert table["cost_usd"].to_pylist()[:3] == [Decimal(0), None, Decimal("0.000000000002")]
    assert table["started_at"].to_pylist()[0].isoformat() == "2026-11-22T02:00:00+00:00"
    assert parquet.write_parquet(file, []) == 0
    assert read(file).num_rows == 0


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """And nothing half written beside it."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    file = tmp_path / "calls.parquet"
    file.write_text("old")
    with pytest.raises(AttributeError):
        parquet.write_parquet(file, [None])  # type: ignore[list-item]
    assert [each.name for each in tmp_path.iterdir()] == ["calls.parquet"]
    assert file.read_text() == "old"


def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnavailableError) as told:
        parquet.write_parquet(tmp_path / "x", [])
    assert "codesession[parquet]" in (told.value.hint or "")
