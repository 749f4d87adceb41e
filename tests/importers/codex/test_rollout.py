"""Rollouts of Codex as calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.domain.sighting import Claim, Sighting
from codesession.importers.base import LogFile, Places
from codesession.importers.codex import Codex, Trae
from support.logs import (
    NOON_MS,
    Line,
    codex_count,
    codex_event,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    ledger,
    read_all,
    write_log,
)

PARENT = "01a20000-0000-7000-8000-000000000001"
CHILD = "01a20000-0001-7000-8000-000000000002"
PARENT_TURN = "01a20000-0000-7000-8000-00000000000a"
CHILD_TURN = "01a20000-0002-7000-8000-00000000000b"


def rollout(folder: Path, thread: str, *lines: Line | bytes, version: str = "0.125.0", **meta: object) -> Path:
    """A rollout of one thread."""
    return write_log(folder / f"rollout-{thread}.jsonl", [codex_meta(thread, version=version, **meta), *lines])


def calls(*paths: Path) -> list[Sighting]:
    """Every sighting, read by one importer."""
    return read_all(Codex(), *paths)


def keys(found: list[Sighting]) -> list[str | None]:
    """Identities, in order."""
    return [sighting.observation.response.response_id for sighting in found]


def test_the_same_total_again_is_the_same_call(tmp_path: Path) -> None:
    """Old versions repeat a count before every response."""
    path = rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), *(codex_count(n) for n in (1, 1, 2, 2, 2, 3)))
    log = LogFile(path=path, root=tmp_path)
    assert len(list(Codex().read(log))) == 3
    assert log.repeats == 3


def test_a_total_that_starts_again_is_a_new_call(tmp_path: Path) -> None:
    """A resume of an old version resets the counter in the same file."""
    counts = [codex_count(n, at_ms=NOON_MS + i) for i, n in enumerate((1, 2, 1, 2))]
    assert len(set(keys(calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), *counts))))) == 4


def test_a_full_context_is_no_call(tmp_path: Path) -> None:
    """After an answer that the prompt is too long, the window's size is written as the only count."""
    nothing = dict.fromkeys(codex_usage(), 0)
    full = {"total_token_usage": nothing | {"total_tokens": 258_400}, "last_token_usage": nothing | {"total_tokens": 9}}
    after = {"total_token_usage": codex_usage() | {"total_tokens": 267_721}, "last_token_usage": codex_usage()}
    events = [
        codex_event("event_msg", {"type": "token_count", "info": info}, at_ms=NOON_MS + 9) for info in (full, after)
    ]
    found = calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), codex_count(1), *events))
    used = [sighting.observation.response.usage for sighting in found]
    assert [usage.total_tokens for usage in used if usage] == [9321, 9321]


def test_a_count_without_information_is_no_call(tmp_path: Path) -> None:
    """`info` is null before the first response."""
    null = codex_event("event_msg", {"type": "token_count", "info": None})
    assert calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), null)) == []


def test_the_difference_of_totals_counts_where_the_last_usage_is_missing(tmp_path: Path) -> None:
    """The oldest versions write totals only."""
    lines = [codex_count(n) for n in (1, 3)]
    for line in lines:
        del line["payload"]["info"]["last_token_usage"]
    found = calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), *lines))
    usages = [sighting.observation.response.usage for sighting in found]
    assert [usage.input_tokens for usage in usages if usage] == [9000, 18000]


def test_records_replace_counts(tmp_path: Path) -> None:
    """A new version writes both; the record has the API's id."""
    lines = [
        codex_turn("t1"),
        codex_record("resp_1", PARENT),
        codex_count(1),
        codex_record("resp_2", PARENT),
        codex_count(2),
    ]
    found = calls(rollout(tmp_path, PARENT, *lines, version="0.155.0"))
    assert keys(found) == ["resp_1", "resp_2"]
    assert {s.observation.response.response_model for s in found} == {"gpt-5.1-codex"}


def test_a_record_of_zeros_is_unknown_usage(tmp_path: Path) -> None:
    """As servers give that do not count: no price of $0."""
    record = codex_record("r1", PARENT)
    record["payload"]["usage"] = dict.fromkeys(codex_usage(), 0)
    (call,) = calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), record, version="0.169.0"))
    assert call.observation.response.usage is None


def test_a_record_without_an_id_is_a_call_all_the_same(tmp_path: Path) -> None:
    """By what its thread used until then; one without counts is named."""
    records = [codex_record("", PARENT) for _ in range(3)]
    for number, record in enumerate(records, 1):
        used = {name: count * number for name, count in codex_usage().items()}
        record["payload"] |= {"response_id": None, "thread_token_usage": used}
    records[2]["payload"]["usage"] = None
    path = rollout(tmp_path, PARENT, codex_turn("t1"), *records, codex_count(2), version="0.169.0")
    log = LogFile(path=path, root=tmp_path)
    found = keys(list(Codex().read(log)))
    assert len(set(found)) == 2
    assert all(key is not None and key.startswith("~codex:") for key in found)
    assert [line.reason for line in log.bad_lines] == ["a record of a response without counts"]


def test_records_of_a_gateway_that_names_all_alike_are_different_calls(tmp_path: Path) -> None:
    """Their prompts tell them apart."""
    told = [codex_record("resp_1", PARENT, at_ms=NOON_MS + prompt) for prompt in (9000, 9500, 9900, 9900)]
    for record, prompt in zip(told, (9000, 9500, 9900, 9900), strict=True):
        record["payload"]["usage"] = codex_usage(prompt)
    rollout(tmp_path / "logs", PARENT, codex_turn(PARENT_TURN), *told, version="0.169.0")
    with ledger(tmp_path / "ledger") as imported:
        found = imported.run(tmp_path / "logs")["codex"]
        assert (found.totals.calls, found.totals.input_tokens) == (3, 28_400)


@pytest.mark.parametrize("order", [(PARENT, CHILD), (CHILD, PARENT)])
def test_a_copied_record_without_its_turn_is_the_parents_call(tmp_path: Path, order: tuple[str, str]) -> None:
    """Only the parent's rollout tells the model of a turn whose end a sub-agent was given; either may be read first."""
    record = codex_record("resp_1", PARENT, turn=PARENT_TURN)
    lines = {PARENT: [codex_turn(PARENT_TURN), record], CHILD: [record, codex_turn(CHILD_TURN, model="gpt-5-mini")]}
    with ledger(tmp_path / "ledger") as imported:
        for thread in order:
            parent = {} if thread == PARENT else {"parent_thread_id": PARENT}
            rollout(tmp_path / "logs", thread, *lines[thread], version="0.153.0", **parent)
            imported.run(tmp_path / "logs")
        found = imported.query("SELECT response_model, conversation_id FROM model_requests")
        assert found == [("gpt-5.1-codex", PARENT)]


def test_an_inherited_count_of_a_new_version_is_no_call(tmp_path: Path) -> None:
    """A fork by reference carries its parent's counter before it made any call."""
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 24}
    lines = [codex_turn("t1"), codex_count(5)]
    assert calls(rollout(tmp_path, CHILD, *lines, version="0.155.0", history_base=base)) == []
    lines.append(codex_record("resp_6", CHILD) | {"ordinal": 2})
    assert keys(calls(rollout(tmp_path, CHILD, *lines, version="0.155.0", history_base=base))) == ["resp_6"]


def test_counts_are_calls_where_a_file_has_no_record(tmp_path: Path) -> None:
    """Whatever its version: the file decides, and a fork by reference copied nothing."""
    assert (
        len(calls(rollout(tmp_path, PARENT, codex_turn("t1"), codex_count(1), codex_count(2), version="0.155.0"))) == 2
    )
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 24}
    forked = rollout(
        tmp_path, CHILD, codex_turn("t1"), codex_count(3), codex_count(4), version="0.150.0", history_base=base
    )
    assert len(calls(forked)) == 2


def test_a_record_names_the_thread_that_pays(tmp_path: Path) -> None:
    """A copy in another thread's file belongs to the thread in the record."""
    (call,) = calls(rollout(tmp_path, CHILD, codex_record("resp_1", PARENT), version="0.155.0"))
    assert (call.claim, call.observation.context.conversation_id) == (Claim.NAMED_COPY, PARENT)
    (call,) = calls(
        rollout(tmp_path, CHILD, codex_record("resp_1", PARENT), version="0.155.0", parent_thread_id=PARENT)
    )
    assert call.observation.context.subagent_id is None


def test_a_sub_agents_copied_history_is_dropped_by_its_ordinal(tmp_path: Path) -> None:
    """The header says where the own lines begin."""
    lines = [codex_record(f"resp_{n}", CHILD) | {"ordinal": n} for n in range(4)]
    path = rollout(tmp_path, CHILD, *lines, version="0.155.0", subagent_history_start_ordinal=2)
    assert keys(calls(path)) == ["resp_2", "resp_3"]


def test_a_sub_agent_is_not_charged_as_its_history_was(tmp_path: Path) -> None:
    """Tier and model of the lines it was given are its parent's."""
    settings = {"model": "gpt-5.5", "service_tier": "priority"}
    given = [
        codex_event("event_msg", {"type": "thread_settings_applied", "thread_settings": settings}, ordinal=3),
        codex_turn("t0", model="gpt-5.5") | {"ordinal": 4},
    ]
    record = codex_record("resp_9", CHILD) | {"ordinal": 11}
    path = rollout(tmp_path, CHILD, *given, record, version="0.169.0", subagent_history_start_ordinal=10)
    (call,) = calls(path)
    response = call.observation.response
    assert (response.facts.service_tier, response.response_model) == (None, None)


@pytest.mark.parametrize("parent_there", [True, False])
def test_what_a_fork_copied_is_dropped_until_its_own_turn(tmp_path: Path, parent_there: bool) -> None:
    """Told by the parent's turns when its rollout is there, else because turn ids sort by time."""
    history = [codex_turn(PARENT_TURN), codex_count(1), codex_count(2)]
    child = rollout(
        tmp_path,
        CHILD,
        codex_meta(PARENT),
        *history,
        codex_turn(CHILD_TURN),
        codex_count(2),
        codex_count(3),
        forked_from_id=PARENT,
    )
    paths = [rollout(tmp_path, PARENT, *history), child] if parent_there else [child]
    found = calls(*paths)
    own = [s for s in found if s.observation.context.conversation_id == CHILD]
    assert len(own) == 1
    assert len(found) == (3 if parent_there else 1)


def test_a_fork_without_turns_shares_the_identity_of_what_it_copied(tmp_path: Path) -> None:
    """Prefixes are told by their counts alone, whatever the times, with the parent there or only a sibling."""
    first = [codex_turn(None), codex_count(1), codex_count(2)]
    restamped = [codex_turn(None), codex_count(1, at_ms=NOON_MS + 10**7), codex_count(2, at_ms=NOON_MS + 10**7)]
    own = codex_count(3, last=codex_usage(prompt=9001))
    parent = rollout(tmp_path, PARENT, *first, codex_count(3))
    child = rollout(tmp_path, CHILD, *restamped, own, forked_from_id=PARENT)
    found = calls(parent, child)
    assert len(set(keys(found))) == 4
    assert {s.claim for s in found[:3]} == {Claim.ORIGINAL}
    assert {s.claim for s in found[3:]} == {Claim.CONTINUATION}

    parent.unlink()
    other = "01a20000-0003-7000-8000-000000000003"
    sibling = rollout(tmp_path, other, *restamped, codex_count(3), forked_from_id=PARENT)
    assert len(set(keys(calls(child, sibling)))) == 4


@pytest.mark.parametrize("turn", [None, PARENT_TURN])
def test_a_rollout_whose_content_is_there_twice_has_its_calls_once(tmp_path: Path, turn: str | None) -> None:
    """As a merge of two copies leaves it; a resume, whose counter restarts, repeats no header of that time."""
    counts = [codex_count(number, at_ms=NOON_MS + at) for at, number in enumerate((1, 2, 1))]
    lines = [codex_meta(PARENT, version="0.77.0"), codex_turn(turn), *counts]
    path = write_log(tmp_path / f"rollout-{PARENT}.jsonl", lines + lines)
    assert len(set(keys(calls(path)))) == 3


def test_the_tier_that_served_is_a_fact_of_the_call(tmp_path: Path) -> None:
    """It is in the thread's settings; where no version wrote them the price is a list price."""
    settings = {"model": "gpt-5.5", "model_provider_id": "azure", "service_tier": "priority"}
    line = codex_event("event_msg", {"type": "thread_settings_applied", "thread_settings": settings})
    (new,) = calls(rollout(tmp_path, PARENT, line, codex_record("resp_1", PARENT), version="0.155.0"))
    assert new.observation.response.facts.service_tier == "priority"
    assert (new.observation.response.provider_name, new.observation.response.response_model) == ("azure", "gpt-5.5")
    assert not new.observation.response.warnings

    (old,) = calls(rollout(tmp_path, CHILD, codex_turn(CHILD_TURN), codex_count(1)))
    assert any("tier" in warning for warning in old.observation.response.warnings)


def test_a_record_has_the_model_of_its_own_turn(tmp_path: Path) -> None:
    """Records may come after the next turn began."""
    lines = [
        codex_turn("t1", model="gpt-5.1-codex"),
        codex_turn("t2", model="gpt-5.5"),
        codex_record("resp_1", PARENT, turn="t1"),
    ]
    (call,) = calls(rollout(tmp_path, PARENT, *lines, version="0.155.0"))
    assert call.observation.response.response_model == "gpt-5.1-codex"


def test_a_total_that_does_not_add_up_is_doubted(tmp_path: Path) -> None:
    """The counts are kept, the contradiction is flagged."""
    line = codex_count(1, last=codex_usage() | {"total_tokens": 1})
    (call,) = calls(rollout(tmp_path, PARENT, codex_turn(PARENT_TURN), line))
    assert call.observation.response.mismatch


def test_a_sub_agents_thread_belongs_to_its_parents_conversation(tmp_path: Path) -> None:
    """One session per conversation of the user."""
    source = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}}
    path = rollout(tmp_path, CHILD, codex_turn(CHILD_TURN), codex_count(1), source=source)
    log = LogFile(path=path, root=tmp_path)
    (call,) = Codex().read(log)
    assert log.conversations[CHILD].parent == PARENT
    assert call.observation.context.subagent_id == CHILD


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"event_msg","payload":{"type":"token_count","info":[]}}',
        b'{"type":"token_usage_record","payload":null}',
        b'{"type":"token_usage_record","payload":{"response_id":"x","usage":{"input_tokens":"many"}}}',
        b'{"type":"turn_context","payload":{"model":' + b"[" * 2000 + b"]" * 2000 + b"}}",
        b'{"type":"turn_context","payload":{"model":"\xff"}}',
        b'{"token_count":1}',
    ],
)
def test_hostile_lines_break_nothing(tmp_path: Path, line: bytes) -> None:
    """The calls around them are read."""
    path = rollout(tmp_path, PARENT, codex_turn("t1"), codex_record("a", PARENT), line, codex_record("b", PARENT))
    assert {"a", "b"} <= set(keys(calls(path)))


def test_a_broken_line_that_says_nothing_of_calls_is_counted(tmp_path: Path) -> None:
    """Not every line is decoded; of those that are not it is told all the same."""
    broken = b'{"type":"response_item","payload":{"type":"message"}'
    count = b'{"type":"event_msg","payload":{"type":"token_count","info":{}}'
    path = rollout(tmp_path, PARENT, broken, codex_record("a", PARENT), count, codex_record("b", PARENT))
    log = LogFile(path=path, root=tmp_path)
    assert len(list(Codex().read(log))) == 2
    assert [line.number for line in log.bad_lines] == [2, 4]


def test_a_second_pass_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    """Thread, model, totals and what was being copied survive between passes."""
    lines = [codex_turn(PARENT_TURN), codex_count(1), codex_count(2), codex_count(2), codex_count(3)]
    path = rollout(tmp_path, PARENT, *lines)
    whole = path.read_bytes()
    everything = keys(calls(path))
    ends = [i + 1 for i, byte in enumerate(whole) if byte == 10]
    for end in ends:
        path.write_bytes(whole[:end])
        first = LogFile(path=path, root=tmp_path)
        found = list(Codex().read(first))
        path.write_bytes(whole)
        second = LogFile(path=path, root=tmp_path, start=first.start, line_number=first.line_number, state=first.state)
        found += Codex().read(second)
        assert keys(found) == everything


def test_a_plain_rollout_wins_over_its_compressed_copy(tmp_path: Path) -> None:
    """Both may be there for a while."""
    plain = write_log(tmp_path / "sessions" / "2026" / "rollout-1.jsonl", [])
    plain.with_name("rollout-1.jsonl.zst").touch()
    archived = tmp_path / "archived_sessions" / "rollout-2.jsonl.zst"
    archived.parent.mkdir()
    archived.touch()
    write_log(tmp_path / "history.jsonl", [])
    assert sorted(Codex().files(tmp_path)) == sorted([plain, archived])


def test_homes_follow_the_environment(tmp_path: Path) -> None:
    """`CODEX_HOME` moves it; Trae has a folder of its own."""
    assert Codex().homes(Places(environment={}, home=tmp_path)) == [tmp_path / ".codex"]
    assert Codex().homes(Places(environment={"CODEX_HOME": "~/x"}, home=tmp_path)) == [tmp_path / "x"]
    assert Trae().homes(Places(environment={}, home=tmp_path)) == [tmp_path / ".trae" / "cli"]
