"""The typed lines of a rollout."""

from __future__ import annotations

from codesession.importers.codex.lines import Event, Meta, Record, TokenInfo, decode


def test_a_payload_is_typed_by_its_line() -> None:
    """Only the types that matter are decoded."""
    decoded = decode(b'{"type":"token_usage_record","ordinal":3,"payload":{"response_id":"r","usage":{"a":1}}}')
    assert decoded is not None
    assert decoded[0].ordinal == 3
    assert decoded[1] == Record(response_id="r", usage={"a": 1})
    unknown = decode(b'{"type":"world_state","payload":{"x":[1,2]}}')
    assert unknown is not None
    assert unknown[1] is None


def test_broken_lines_are_none() -> None:
    """Invalid UTF-8 is replaced first; what then cannot be read is told."""
    assert decode(b'{"type":"turn_context","payload":{"model":"\xff"}}') is not None
    assert decode(b'{"type":"turn_context","payload":') is None
    assert decode(b'{"type":"turn_context","payload":7}') is None
    assert decode(b"[7]") is None


def test_a_field_of_another_type_costs_only_itself() -> None:
    """Versions to come may write one so; the call beside it is billed. Half a character does no harm either."""
    decoded = decode(
        b'{"type":"token_usage_record","ordinal":"3","timestamp":"t",'
        b'"payload":{"response_id":7,"turn_id":"\\ud83d","usage":{"input_tokens":1}}}'
    )
    assert decoded is not None
    assert (decoded[0].ordinal, decoded[0].timestamp) == (None, "t")
    assert decoded[1] == Record(turn_id="\ud83d", usage={"input_tokens": 1})
    counted = decode(b'{"type":"event_msg","payload":{"type":"token_count","info":{"model":7,"last_token_usage":{}}}}')
    assert counted is not None
    assert counted[1] == Event(type="token_count", info=TokenInfo(last_token_usage={}))


def test_a_header_names_who_spawned_the_thread() -> None:
    """In a field of its own, or inside the source; anything else says nothing."""
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}
    assert Meta(source=spawned).spawned_by == "p"
    assert Meta(source="cli", parent_thread_id="q").spawned_by == "q"
    assert Meta(source={"subagent": "review"}).spawned_by is None
    assert Meta(source={"subagent": {"thread_spawn": {"parent_thread_id": 7}}}).spawned_by is None
