"""Finding log files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codesession.importers import registry
from codesession.importers.folders import walk


def test_files_are_found_in_order_below_any_depth(tmp_path: Path) -> None:
    """Names decide the order, so that two runs see the same."""
    for name in ("b/2.jsonl", "a/x/1.jsonl", "a/3.txt", "0.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(p.relative_to(tmp_path)) for p in walk(tmp_path, ".jsonl")] == ["0.jsonl", "a/x/1.jsonl", "b/2.jsonl"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    """Each real folder is entered once; a link that leads nowhere, or to itself, is neither file nor folder."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jsonl").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "gone.jsonl").symlink_to(tmp_path / "nothing")
    (tmp_path / "a" / "self.jsonl").symlink_to(tmp_path / "a" / "self.jsonl")
    assert [p.name for p in walk(tmp_path, ".jsonl")] == ["1.jsonl"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """It may vanish between listing and reading."""
    assert list(walk(tmp_path / "gone", ".jsonl")) == []


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_a_home_that_may_not_be_looked_into_holds_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what a run as another user left: it must not cost the other agents' logs."""
    stat = os.stat

    def refused(path: os.PathLike[str] | str, **options: bool) -> os.stat_result:
        if str(path).startswith(f"{tmp_path}/"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refused)
    assert list(registry.load(name).files(tmp_path)) == []
