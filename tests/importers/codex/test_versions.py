"""Rollouts of further versions, written from what those versions are known to do, with known truth."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from support.logs import (
    NOON_MS,
    Ledger,
    Line,
    codex_count,
    codex_event,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    encode,
    ledger,
    write_log,
)

ROOT = "01a20000-0000-7000-8000-000000000001"
CHILD = "01a20000-0001-7000-8000-000000000002"
GRANDCHILD = "01a20000-0003-7000-8000-000000000003"
TURNS = [f"01a20000-000{n}-7000-8000-00000000000a" for n in range(6)]
NULL = codex_event("event_msg", {"type": "token_count", "info": None})

Files = dict[str, list[Line]]


def _name(thread: str) -> str:
    return f"sessions/2026/03/01/rollout-2026-03-01T12-00-00-{thread}.jsonl"


def _with_total(record: Line, responses: int) -> Line:
    """A record that says what its thread used so far."""
    record["payload"]["thread_token_usage"] = {name: count * responses for name, count in codex_usage().items()}
    return record


def _later(lines: list[Line], at_ms: int) -> list[Line]:
    """Copied lines carry the time of the copying."""
    return [codex_event(line["type"], line["payload"], at_ms=at_ms) for line in lines]


def _restarted() -> tuple[Files, dict[str, int]]:
    """0.44: one call, then a resume in the same file with a counter that begins anew, and counts said again."""
    run = [codex_turn(None), NULL, codex_count(1), codex_turn(None), codex_count(1)]
    again = [codex_turn(None, at_ms=NOON_MS + 9), NULL, codex_count(1, at_ms=NOON_MS + 10)]
    return {_name(ROOT): [codex_meta(ROOT, version="0.44.0"), *run, *again]}, {ROOT: 2}


def _fork_of_a_fork() -> tuple[Files, dict[str, int]]:
    """0.125: a sub-agent of a sub-agent; it copies both headers and both histories before its own turn."""
    root = [codex_turn(TURNS[0]), codex_count(1), codex_count(2)]
    child_own = [codex_turn(TURNS[2]), codex_count(2, at_ms=NOON_MS + 5000), codex_count(3, at_ms=NOON_MS + 5001)]
    child = [codex_meta(ROOT), *_later(root, NOON_MS + 4000), *child_own]
    grandchild = [codex_meta(CHILD), *_later(child, NOON_MS + 9000), codex_turn(TURNS[4])]
    grandchild += [codex_count(4, at_ms=NOON_MS + 9999)]
    return {
        _name(ROOT): [codex_meta(ROOT), *root],
        _name(CHILD): [codex_meta(CHILD, forked_from_id=ROOT), *child],
        _name(GRANDCHILD): [codex_meta(GRANDCHILD, forked_from_id=CHILD), *grandchild],
    }, {ROOT: 2, CHILD: 1, GRANDCHILD: 1}


def _without_counts() -> tuple[Files, dict[str, int]]:
    """0.142: the history is copied without counts; the first count of the child is its own, though it looks copied."""
    root = [codex_turn(TURNS[0]), codex_count(1), codex_count(2)]
    child = [codex_meta(ROOT), codex_turn(TURNS[0], at_ms=NOON_MS + 50), codex_turn(TURNS[2]), codex_count(1)]
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.142.5"), *root],
        _name(CHILD): [codex_meta(CHILD, version="0.142.5", forked_from_id=ROOT), *child],
    }, {ROOT: 2, CHILD: 1}


def _without_turn_ids() -> tuple[Files, dict[str, int]]:
    """No turn has an id, and the parent's header is copied: the common beginning is the parent's."""
    root = [codex_turn(None), codex_count(1), codex_count(2)]
    own = codex_count(3, last=codex_usage(prompt=9500), at_ms=NOON_MS + 8000)
    child = [codex_meta(ROOT), *_later(root, NOON_MS + 7000), own]
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.60.0"), *root, codex_count(3)],
        _name(CHILD): [codex_meta(CHILD, version="0.60.0", forked_from_id=ROOT), *child],
    }, {ROOT: 3, CHILD: 1}


def _last_turns_only() -> tuple[Files, dict[str, int]]:
    """
    From 0.104 on a sub-agent may be given its parent's last turns: without the parent's header, from the middle of a
    turn on, and without contexts of turns. One that was given nothing begins with its own turn; one of that one's own
    is given all, with its header.
    """
    root = [codex_turn(TURNS[0]), codex_count(1), codex_count(2), codex_turn(TURNS[1]), codex_count(3)]
    started = [codex_event("event_msg", {"type": "task_started", "turn_id": TURNS[n]}) for n in (1, 4)]
    given = [codex_count(2, at_ms=NOON_MS + 7000), started[0], codex_count(3, at_ms=NOON_MS + 7000)]
    own = [started[1], codex_turn(TURNS[4]), codex_count(3, at_ms=NOON_MS + 7500), codex_count(4, at_ms=NOON_MS + 7600)]
    spawned = {"version": "0.128.0", "source": {"subagent": {"thread_spawn": {"parent_thread_id": ROOT, "depth": 1}}}}
    further = GRANDCHILD.replace("0003", "0005", 1)
    all_of_it = _later([codex_meta(GRANDCHILD, **spawned), *given, *own], NOON_MS + 9000)
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.128.0"), *root],
        _name(GRANDCHILD): [codex_meta(GRANDCHILD, **spawned), *given, *own],
        _name(CHILD): [codex_meta(CHILD, **spawned), codex_turn(TURNS[2]), codex_count(1)],
        _name(further): [codex_meta(further, **spawned), *all_of_it, codex_turn(TURNS[5]), codex_count(5)],
    }, {ROOT: 3, GRANDCHILD: 1, CHILD: 1, further: 1}


def _by_ordinal() -> tuple[Files, dict[str, int]]:
    """0.155: a sub-agent repeats its parent's records and says where its own lines begin."""
    root = [codex_turn("t1"), codex_record("resp_1", ROOT), codex_count(1), codex_record("resp_2", ROOT)]
    copied = [line | {"ordinal": number} for number, line in enumerate(root)]
    own = [codex_record("resp_3", CHILD, at_ms=NOON_MS + 60) | {"ordinal": 9}, codex_count(3) | {"ordinal": 10}]
    meta = codex_meta(CHILD, version="0.155.0", parent_thread_id=ROOT, subagent_history_start_ordinal=8)
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.155.0"), *root],
        _name(CHILD): [meta, *copied, *own],
    }, {ROOT: 2, CHILD: 1}


def _by_reference() -> tuple[Files, dict[str, int]]:
    """0.169: a fork names its history and copies nothing but the total."""
    base = {"thread_id": ROOT, "end_ordinal_exclusive": 9}
    meta = codex_meta(CHILD, version="0.169.0", forked_from_id=ROOT, history_base=base)
    fork = [codex_count(2), codex_turn("t2"), _with_total(codex_record("resp_3", CHILD, turn="t2"), 3), codex_count(3)]
    root = [codex_turn("t1"), codex_record("resp_1", ROOT), codex_record("resp_2", ROOT)]
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.169.0"), *root],
        _name(CHILD): [meta, *fork],
    }, {ROOT: 2, CHILD: 1}


def _resumed_by_a_new_version() -> tuple[Files, dict[str, int]]:
    """Counts by 0.125, then records by 0.169 that go on with the same total."""
    old = [codex_turn(TURNS[0]), codex_count(1), codex_count(2)]
    new = [codex_turn(TURNS[1]), _with_total(codex_record("resp_3", ROOT, turn=TURNS[1]), 3), codex_count(3)]
    return {_name(ROOT): [codex_meta(ROOT), *old, *new]}, {ROOT: 3}


def _counts_before_their_records() -> tuple[Files, dict[str, int]]:
    """A version that writes both: with a record in the file counts are no calls, whichever comes first."""
    lines = [codex_turn("t1"), codex_count(1), _with_total(codex_record("resp_1", ROOT), 1), codex_count(2)]
    lines.append(_with_total(codex_record("resp_2", ROOT, at_ms=NOON_MS + 9), 2))
    bare = [codex_turn("t1"), codex_count(1), codex_record("resp_9", CHILD)]
    return {
        _name(ROOT): [codex_meta(ROOT, version="0.151.0"), *lines],
        _name(CHILD): [codex_meta(CHILD, version="0.151.0"), *bare],
    }, {ROOT: 2, CHILD: 1}


def _interleaved() -> tuple[Files, dict[str, int]]:
    """A count whose total did not grow is no call, however large its last usage says it was."""
    strange = codex_count(2, last=codex_usage(prompt=225_513))
    lines = [codex_turn(TURNS[0]), codex_count(1), codex_count(2), strange, codex_count(3)]
    return {_name(ROOT): [codex_meta(ROOT), *lines]}, {ROOT: 3}


def _aborted() -> tuple[Files, dict[str, int]]:
    """A turn that was aborted before its answer ended has no count; the next one has its own."""
    abort = codex_event("event_msg", {"type": "turn_aborted", "turn_id": TURNS[1]})
    lines = [codex_turn(TURNS[0]), codex_count(1), codex_turn(TURNS[1]), abort]
    lines += [codex_turn(TURNS[2]), codex_count(1), codex_count(2)]
    return {_name(ROOT): [codex_meta(ROOT), *lines]}, {ROOT: 2}


STORIES = (
    _restarted,
    _fork_of_a_fork,
    _without_counts,
    _without_turn_ids,
    _last_turns_only,
    _by_ordinal,
    _by_reference,
    _resumed_by_a_new_version,
    _counts_before_their_records,
    _interleaved,
    _aborted,
)


def _import(opened: Ledger, home: Path, files: Files, names: tuple[str, ...]) -> None:
    """Files appear one by one, each followed by an import."""
    for name in names:
        write_log(home / name, files[name])
        opened.run(home, "codex")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_every_call_is_counted_once_for_its_thread(tmp_path: Path, story: object) -> None:
    """Read at once, and file by file with the parents first: the same calls of the same threads."""
    files, owners = story()  # type: ignore[operator]
    for number, step in enumerate((files, tuple(files))):
        with ledger(tmp_path / f"ledger{number}") as opened:
            home = tmp_path / f"home{number}"
            if isinstance(step, tuple):
                _import(opened, home, files, step)
            else:
                for name in files:
                    write_log(home / name, files[name])
                opened.run(home, "codex")
            assert opened.calls_by_conversation() == owners
            opened.check()


@pytest.mark.parametrize("story", [_by_ordinal, _by_reference, _without_turn_ids, _fork_of_a_fork, _last_turns_only])
def test_no_order_of_files_changes_who_pays(tmp_path: Path, story: object) -> None:
    """A fork may be read before its parent; the parent takes its calls back."""
    files, owners = story()  # type: ignore[operator]
    for number, order in enumerate(itertools.permutations(files)):
        with ledger(tmp_path / f"ledger{number}") as opened:
            _import(opened, tmp_path / f"home{number}", files, order)
            assert opened.calls_by_conversation() == owners
            opened.check()


def test_a_sub_agent_without_its_parents_file_counts_only_itself(tmp_path: Path) -> None:
    """The parent's rollout was deleted: turn ids sort by time, so the copied ones are known."""
    files, owners = _fork_of_a_fork()
    with ledger(tmp_path / "ledger") as opened:
        _import(opened, tmp_path / "home", files, (_name(GRANDCHILD),))
        assert opened.calls_by_conversation() == {GRANDCHILD: owners[GRANDCHILD]}


def test_a_rollout_archived_and_compressed_is_one_rollout(tmp_path: Path) -> None:
    """The same thread in three places, one of them compressed, read in any step."""
    zstandard = pytest.importorskip("zstandard")
    files, owners = _by_ordinal()
    home = tmp_path / "home"
    with ledger(tmp_path / "ledger") as opened:
        _import(opened, home, files, tuple(files))
        for name in files:
            plain = home / name
            packed = zstandard.ZstdCompressor().compress(encode(files[name]))
            (plain.parent / (plain.name + ".zst")).write_bytes(packed)
            archived = home / "archived_sessions" / plain.name
            archived.parent.mkdir(exist_ok=True)
            plain.rename(archived)
        opened.run(home, "codex")
        assert opened.calls_by_conversation() == owners
        opened.check()


def test_a_broken_archive_costs_its_forks_nothing(tmp_path: Path) -> None:
    """The parent cannot be unpacked: it is named, and the fork counts itself as if the parent were gone."""
    pytest.importorskip("zstandard")
    files, owners = _fork_of_a_fork()
    write_log(tmp_path / "home" / _name(CHILD), files[_name(CHILD)])
    (tmp_path / "home" / f"{_name(ROOT)}.zst").write_bytes(b"not compressed at all")
    with ledger(tmp_path / "ledger") as opened:
        (problem,) = opened.run(tmp_path / "home", "codex")["codex"].problems
        assert f"{_name(ROOT)}.zst: " in problem
        assert opened.calls_by_conversation() == {CHILD: owners[CHILD]}
