"""`cs metrics` in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.shell import Answer


def test_the_text_is_printed_or_kept_in_a_file(cs: Callable[..., Answer], tmp_path: Path) -> None:
    """The same; a collector never reads half of it."""
    folder = tmp_path / "collector"
    folder.mkdir()
    printed = cs("metrics").out
    assert "# TYPE codesession_cost_usd_total counter\n" in printed
    assert printed.endswith("codesession_active_sessions 0\n")
    assert cs("metrics", "-o", str(folder / "cs.prom")).code == 0
    assert (folder / "cs.prom").read_text() == printed
    assert [each.name for each in folder.iterdir()] == ["cs.prom"]
