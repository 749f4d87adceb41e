"""Files of others: their copies, their form, how they are replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.services.files import copies, free_copy, write_whole


def test_a_copy_never_takes_the_place_of_another(tmp_path: Path) -> None:
    """However many are made with one stamp."""
    target = tmp_path / "settings.json"
    names = []
    for _ in range(3):
        copy = free_copy(target, "20261122-030507")
        copy.touch()
        names.append(copy.name)
    assert names == [
        "settings.json.20261122-030507.bak",
        "settings.json.20261122-030507-1.bak",
        "settings.json.20261122-030507-2.bak",
    ]


def test_only_files_are_copies(tmp_path: Path) -> None:
    """A link that leads nowhere and a folder may have such a name, too."""
    (tmp_path / "settings.json.old.bak").mkdir()
    (tmp_path / "settings.json.lost.bak").symlink_to("nowhere")
    copy = free_copy(tmp_path / "settings.json", "1")
    copy.touch()
    assert copies(tmp_path / "settings.json") == [copy]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """Nor does one that can."""
    write_whole(tmp_path / "fine", "x\r\n", 0o640)
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "fine", "\ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["fine"]
    assert (tmp_path / "fine").read_bytes() == b"x\r\n"
    assert (tmp_path / "fine").stat().st_mode & 0o777 == 0o640
