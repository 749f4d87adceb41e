"""Names of copies."""

from __future__ import annotations

from pathlib import Path

from codesession.services.copies import free_copy


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
