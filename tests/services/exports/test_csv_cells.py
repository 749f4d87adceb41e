"""Cells of CSV files."""

from __future__ import annotations

import pytest

from codesession.services.exports.csv_cells import csv_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [(0.25, "0.25"), (1e-10, "0.0000000001"), (0.0, "0"), (1234567.0, "1234567"), (None, ""), (7, 7), ("a", "a")],
)
def test_cells_are_written_without_exponents(value: object, cell: object) -> None:
    """`1e-10` is text for some readers; unknown is empty, not zero."""
    assert csv_cell(value) == cell
