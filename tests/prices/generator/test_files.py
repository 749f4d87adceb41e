"""Price files as a set: written in one step, compared model by model."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from codesession.prices.generator import files


def one(price: str, **more: Any) -> dict[str, Any]:
    model = {"source": "https://acme.test", "aliases": [], "prices": [{"input": price, "output": "2"}]} | more
    return {"acme": {"provider": "acme", "policy": {}, "ids": {"m": "m"}, "models": {"m": model}}}


def test_files_read_back_as_they_were_written(tmp_path: Path):
    """A line per model, valid JSON, and nothing left beside the folder."""
    folder = tmp_path / "prices"
    index = {"index": {"version": "1", "providers": ["acme"]}}
    for price in ("1", "2"):
        files.write_folder(one(price) | index, folder)
    assert files.read_folder(folder) == one("2") | index
    assert [each.name for each in tmp_path.iterdir()] == ["prices"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [line for line in (folder / "acme.json").read_text().splitlines() if line.startswith('  "m": {')]


def test_a_failure_while_writing_leaves_the_old_set(tmp_path: Path):
    """Nothing is replaced before everything is written."""
    folder = tmp_path / "prices"
    files.write_folder(one("1"), folder)
    broken = one("2") | {"other": {"provider": object()}}
    try:
        files.write_folder(broken, folder)
    except TypeError:
        pass
    else:
        raise AssertionError("an object is not JSON")
    assert files.read_folder(folder) == one("1")


def test_changes_are_told_model_by_model():
    """What moved, what came, what went."""
    new = one("1.5")
    new["acme"]["models"]["n"] = new["acme"]["models"]["m"]
    assert [(change.model, change.what) for change in files.changes(one("1"), new)] == [
        ("acme/m", "input 1 -> 1.5"),
        ("acme/n", "new"),
    ]
    assert [change.what for change in files.changes(new, {})][-1] == "gone"
    assert files.changes(new, json.loads(json.dumps(new))) == []


def test_a_price_that_becomes_nothing_is_suspicious():
    """Every call of the model would cost $0; the other way round nothing is lost unseen."""
    assert [files.changes(one(was), one(now))[0].suspicious for was, now in (("1", "0"), ("1", "-1"), ("0", "1"))] == [
        *(True, True, False)
    ]


def test_a_change_of_history_alone_is_a_change():
    """Old calls would be priced anew."""
    tiers = {"flex": [{"input": "0.5", "output": "1"}]}
    assert [change.what for change in files.changes(one("1"), one("1", tiers=tiers))] == ["history, tiers or aliases"]


def test_a_tenfold_shift_is_suspicious():
    """In either direction; tenfold itself is not yet."""
    assert [files.changes(one("1"), one(price))[0].suspicious for price in ("10", "10.1", "0.1", "0.09")] == [
        False,
        True,
        False,
        True,
    ]
