"""Finding log files."""

from __future__ import annotations

from pathlib import Path

from codesession.importers.folders import walk


def test_files_are_found_in_order_below_any_depth(tmp_path: Path) -> None:
    """Names decide the order, so that two runs see the same."""
    for name in ("b/2.jsonl", "a/x/1.jsonl", "a/3.txt", "0.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(p.relative_to(tmp_path)) for p in walk(tmp_path, ".jsonl")] == ["0.jsonl", "a/x/1.jsonl", "b/2.jsonl"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    """Each real folder is entered once; a link that leads nowhere is no file."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jsonl").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "gone.jsonl").symlink_to(tmp_path / "nothing")
    assert [p.name for p in walk(tmp_path, ".jsonl")] == ["1.jsonl"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """It may vanish between listing and reading."""
    assert list(walk(tmp_path / "gone", ".jsonl")) == []
