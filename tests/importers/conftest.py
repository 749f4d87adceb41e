"""Ledgers to import into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.logs import Ledger, ledger


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Ledger]:
    with ledger(tmp_path / "ledger") as opened:
        yield opened
