"""From a plan to files, safely."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.services.setup.pieces import JsonEntry, WholeFile
from codesession.services.setup.plan import FileChange, Plan, make_plan
from codesession.services.setup.writing import apply


def plan_of(*changes: FileChange) -> Plan:
    """Changes of some agent."""
    return Plan(agent="a", changes=changes, notes=())


def test_a_plan_reads_and_shows_but_writes_nothing(tmp_path: Path) -> None:
    """A file that is there, one that is not, and one that needs no change."""
    (tmp_path / "old").write_text("a\nb\nc\n")
    (tmp_path / "same").write_text("x\n")
    pieces = [
        WholeFile(path=tmp_path / name, what=name, text=text)
        for name, text in (("old", "a\nB\nc\n"), ("new", "n\n"), ("same", "x\n"))
    ]
    plan = make_plan("a", pieces, undo=False, notes=("mind",))
    assert [(change.path.name, change.action) for change in plan.changes] == [("old", "modified"), ("new", "created")]
    assert "-b\n+B\n" in plan.changes[0].diff()
    assert "/dev/null" in plan.changes[1].diff()
    assert plan.notes == ("mind",)
    assert (tmp_path / "old").read_text() == "a\nb\nc\n"
    undone = make_plan("a", pieces, undo=True)
    assert [(change.path.name, change.action) for change in undone.changes] == [("old", "removed"), ("same", "removed")]


def test_lines_end_as_they_did(tmp_path: Path) -> None:
    """A file of Windows stays one, and so does its backup."""
    (tmp_path / "s.json").write_bytes(b'{\r\n "a": 1\r\n}\r\n')
    piece = JsonEntry(path=tmp_path / "s.json", what="b", keys=("b",), value=2)
    (backup,) = apply(make_plan("a", [piece], undo=False), stamp="1", home=tmp_path).values()
    assert backup is not None
    assert backup.read_bytes() == b'{\r\n "a": 1\r\n}\r\n'
    assert (tmp_path / "s.json").read_bytes() == b'{\r\n "a": 1,\r\n "b": 2\r\n}\r\n'


@pytest.mark.parametrize("text", ["{}", '{"z":[1],"a":{"b":null}}', '{"env": {}, "y": 1e2}\n'])
def test_an_undone_setup_leaves_files_as_they_were(tmp_path: Path, text: str) -> None:
    """To the byte, while nobody else changed them; what others changed stays."""
    path = tmp_path / "s.json"
    pieces = [JsonEntry(path=path, what=key, keys=("env", key), value=2) for key in ("ours", "too")]
    path.write_text(text)
    apply(make_plan("a", pieces, undo=False), stamp="1", home=tmp_path)
    apply(make_plan("a", pieces, undo=True), stamp="2", home=tmp_path)
    assert path.read_text() == text
    apply(make_plan("a", pieces, undo=False), stamp="3", home=tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"theirs": 1}))
    apply(make_plan("a", pieces, undo=True), stamp="4", home=tmp_path)
    assert json.loads(path.read_text())["theirs"] == 1


def test_a_file_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    """The other pieces go on."""
    (tmp_path / "folder").mkdir()
    pieces = [WholeFile(path=tmp_path / name, what=name, text="x") for name in ("folder", "fine")]
    plan = make_plan("a", pieces, undo=False)
    assert [change.path.name for change in plan.changes] == ["fine"]
    assert "cannot be read" in plan.notes[0]


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(tmp_path: Path) -> None:
    """Agents write their settings too."""
    path = tmp_path / "settings.json"
    path.write_text("{}")
    plan = plan_of(FileChange(path=path, before="{}", after='{"a": 1}'))
    path.write_text('{"theirs": 1}')
    with pytest.raises(InvalidInputError, match="changed meanwhile"):
        apply(plan, stamp="1", home=tmp_path)
    assert path.read_text() == '{"theirs": 1}'


def test_new_folders_are_made_and_empty_ones_removed(tmp_path: Path) -> None:
    """Nothing half-written is left behind."""
    path = tmp_path / "skills" / "codesession" / "SKILL.md"
    assert apply(plan_of(FileChange(path=path, before=None, after="x")), stamp="1", home=tmp_path) == {path: None}
    assert [found.name for found in path.parent.iterdir()] == ["SKILL.md"]
    backup = apply(plan_of(FileChange(path=path, before="x", after=None)), stamp="2", home=tmp_path)[path]
    assert backup is not None
    assert backup.read_text() == "x"
    assert not path.exists()


def test_folders_that_nothing_is_left_in_are_removed_up_to_home(tmp_path: Path) -> None:
    """Theirs stay, and so do home and all that is outside it."""
    skill = tmp_path / "home" / ".agent" / "skills" / "codesession" / "SKILL.md"
    theirs = tmp_path / "home" / ".other" / "theirs"
    elsewhere = tmp_path / "elsewhere" / "SKILL.md"
    theirs.mkdir(parents=True)
    for path in (skill, elsewhere, theirs.parent / "SKILL.md"):
        new, gone = FileChange(path=path, before=None, after="x"), FileChange(path=path, before="x", after=None)
        apply(plan_of(new), stamp="1", home=tmp_path / "home")
        apply(plan_of(replace(gone, is_all_ours=True)), stamp="2", home=tmp_path / "home")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "elsewhere",
        "home",
        "home/.other",
        "home/.other/theirs",
    ]


def test_a_folder_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    """A file is where a folder should be."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnavailableError, match="cannot write"):
        apply(plan_of(FileChange(path=tmp_path / "file" / "below", before=None, after="y")), stamp="1", home=tmp_path)
