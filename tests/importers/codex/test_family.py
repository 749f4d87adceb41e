"""Relatives of a rollout."""

from __future__ import annotations

from pathlib import Path

from codesession.importers.codex.family import Family, thread_of
from support.logs import codex_meta, codex_turn, write_log

ID = "01a20000-0000-7000-8000-00000000000{}"


def family(folder: Path) -> Family:
    """Everything in one folder."""
    return Family(lambda: iter(sorted(folder.glob("*.jsonl"))))


def test_a_lineage_leads_back_as_far_as_rollouts_are_there(tmp_path: Path) -> None:
    """A missing ancestor is the root for all who name it; a circle ends."""
    write_log(tmp_path / f"rollout-{ID.format(2)}.jsonl", [codex_meta(ID.format(2), forked_from_id=ID.format(1))])
    write_log(tmp_path / f"rollout-{ID.format(3)}.jsonl", [codex_meta(ID.format(3), forked_from_id=ID.format(2))])
    write_log(tmp_path / f"rollout-{ID.format(4)}.jsonl", [codex_meta(ID.format(4), forked_from_id=ID.format(4))])
    found = family(tmp_path)
    assert found.root(ID.format(3)) == ID.format(1)
    assert found.root(ID.format(9)) == ID.format(9)
    assert found.root(ID.format(4)) == ID.format(4)


def test_turns_are_those_of_the_rollout_of_the_thread(tmp_path: Path) -> None:
    """None says that the rollout is not there."""
    write_log(tmp_path / "named-otherwise.jsonl", [codex_meta("a"), codex_turn("t1"), codex_turn("t2")])
    assert family(tmp_path).turns("a") == {"t1", "t2"}
    assert family(tmp_path).turns("b") is None


def test_a_thread_that_was_taken_back_has_several_files(tmp_path: Path) -> None:
    """The further ones are named after the thread and themselves; its turns are those of all."""
    thread = ID.format(1)
    further = tmp_path / f"rollout-2026-10-06T00-10-00-{thread}_{ID.format(2)}.jsonl"
    write_log(tmp_path / f"rollout-2026-10-06T00-00-00-{thread}.jsonl", [codex_meta(thread), codex_turn("t1")])
    write_log(further, [codex_meta(thread), codex_turn("t2")])
    assert thread_of(further) == thread
    assert family(tmp_path).turns(thread) == {"t1", "t2"}


def test_a_thread_is_known_by_the_name_of_its_file_or_its_first_line(tmp_path: Path) -> None:
    """Archived files keep their names; renamed ones keep their first line."""
    assert thread_of(Path(f"rollout-2026-01-01T00-00-00-{ID.format(1)}.jsonl.zst")) == ID.format(1)
    assert thread_of(write_log(tmp_path / "x.jsonl", [codex_meta("a")])) == "a"
    assert thread_of(write_log(tmp_path / "y.jsonl", [codex_turn("t")])) is None
    assert thread_of(tmp_path / "gone.jsonl") is None
