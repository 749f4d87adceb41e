"""Transcripts of Claude Code as calls."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesession.domain.sighting import Claim, Sighting
from codesession.importers.base import LogFile, Places
from codesession.importers.claude_code import ClaudeCode, IFlow, few, lines, transcript
from codesession.importers.claude_code.plain import plain_of
from codesession.providers.anthropic import AnthropicParser
from codesession.providers.base import RequestFacts
from support.logs import NOON_MS, Line, claude_line, read_all, write_log


def sightings(folder: Path, *lines: Line | bytes) -> list[Sighting]:
    """The calls of one transcript."""
    return read_all(ClaudeCode(), write_log(folder / "s.jsonl", lines))


def test_content_blocks_of_one_answer_are_one_call(tmp_path: Path) -> None:
    """The line with the largest output is kept whole, the time is the earliest."""
    (call,) = sightings(
        tmp_path,
        claude_line(output=2, at_ms=NOON_MS),
        claude_line(output=2, at_ms=NOON_MS + 1000),
        claude_line(output=321, at_ms=NOON_MS + 2000),
    )
    assert call.lines == 3
    assert call.observation.context.started_at_ms == NOON_MS
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.output_tokens == 321
    assert call.observation.response.complete


@pytest.mark.parametrize("counts", [(2.0, 321.0, 5.0), (2, 321, 2**60), (2, 321, None)])
def test_the_largest_believable_count_is_kept(tmp_path: Path, counts: tuple[object, ...]) -> None:
    """As JSON may spell it; a later line with less, or with noise, takes nothing back."""
    usages = ({"input_tokens": 3, "output_tokens": count} for count in counts)
    (call,) = sightings(tmp_path, *(claude_line(usage=usage) for usage in usages))
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.output_tokens == 321


def test_a_number_names_an_answer_too(tmp_path: Path) -> None:
    """A gateway's: the lines of one answer have it in common, and are one call."""
    lines = (claude_line(number, uuid=f"{number}{block}") for number in (17, 18) for block in "abc")  # type: ignore[arg-type]
    found = sightings(tmp_path, *lines)
    assert [(call.lines, call.observation.response.response_id) for call in found] == [(3, "~17"), (3, "~18")]


def test_the_earliest_line_says_who_made_the_call(tmp_path: Path) -> None:
    """The line that is kept for its counts may be a later conversation's; a named copy owns nothing however early."""
    early = claude_line(session="a", output=2, version="2.1.94", gitBranch="topic")
    late = claude_line(session="b", at_ms=NOON_MS + 10)
    copy = claude_line(session="c", at_ms=NOON_MS - 10, requestSessionId="a")
    for lines_ in ((early, late), (late, early), (copy, late, early)):
        (call,) = sightings(tmp_path, *lines_)
        context, usage = call.observation.context, call.observation.response.usage
        assert (context.conversation_id, context.started_at_ms, context.git_branch) == ("a", NOON_MS, "topic")
        assert usage is not None
        assert usage.output_tokens == 321
        assert context.agent_version == "2.1.94"


def test_a_fallback_in_mid_stream_keeps_the_later_line_whole(tmp_path: Path) -> None:
    """No field-wise maximum: the model and the counts belong together."""
    (call,) = sightings(
        tmp_path,
        claude_line(output=5, read=9000, model="claude-opus-4-6"),
        claude_line(output=400, read=8000, model="claude-sonnet-4-6"),
    )
    response = call.observation.response
    assert response.response_model == "claude-sonnet-4-6"
    assert response.usage is not None
    assert response.usage.cache_read_input_tokens == 8000


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "<synthetic>"},
        {"isApiErrorMessage": True},
        {"apiError": "overloaded"},
        {"type": "user"},
        {"type": "progress"},
        {"message": {"role": "assistant"}},
    ],
)
def test_what_is_no_call_is_skipped(tmp_path: Path, fields: Line) -> None:
    """Errors the client made up, other types of lines, answers without usage."""
    assert sightings(tmp_path, claude_line(**fields)) == []


def test_a_line_may_lack_its_type(tmp_path: Path) -> None:
    """Old transcripts and converters leave it out."""
    line = claude_line()
    del line["type"]
    assert len(sightings(tmp_path, line)) == 1


def test_different_requests_with_one_id_are_different_calls(tmp_path: Path) -> None:
    """A gateway gives every answer the same id; two billed requests are two calls."""
    assert len(sightings(tmp_path, claude_line(request_id="a"), claude_line(request_id="b"))) == 2
    without = [claude_line("const", request_id=None, read=read) for read in (1, 2, 2)]
    assert len(sightings(tmp_path, *without)) == 2


@pytest.mark.parametrize(
    ("fields", "claim", "owner"),
    [
        ({}, Claim.ORIGINAL, "parent"),
        ({"requestSessionId": "parent"}, Claim.ORIGINAL, "parent"),
        ({"session": "fork", "requestSessionId": "parent"}, Claim.NAMED_COPY, "parent"),
        ({"session": "fork", "forkedFrom": {"sessionId": "parent"}}, Claim.NAMED_COPY, "parent"),
        ({"isSidechain": True, "agentId": "a1"}, Claim.CONTINUATION, "parent"),
        ({"sessionKind": "bg"}, Claim.CONTINUATION, "parent"),
        ({"sessionKind": "bg", "isSidechain": True, "agentId": "a1"}, Claim.UNMARKED, "parent"),
        ({"request_id": None}, Claim.UNMARKED, "parent"),
        ({"request_id": None, "sessionKind": "bg"}, Claim.UNMARKED_CONTINUATION, "parent"),
        ({"request_id": None, "isSidechain": True}, Claim.UNMARKED_CONTINUATION, "parent"),
        ({"request_id": None, "session": "fork", "requestSessionId": "parent"}, Claim.UNMARKED, "parent"),
    ],
)
def test_a_line_says_who_made_the_call(tmp_path: Path, fields: Line, claim: Claim, owner: str) -> None:
    """Forks and branches name their origin, side chains and background hand-offs only themselves."""
    (call,) = sightings(tmp_path, claude_line(**fields))
    assert (call.claim, call.observation.context.conversation_id) == (claim, owner)


def test_side_chains_in_the_main_file_are_sub_agents(tmp_path: Path) -> None:
    """Versions 1.x give them no name: each is told by its first line, also when they run side by side and in pieces."""

    def prompt(uuid: str, parent: str | None) -> Line:
        return {"type": "user", "isSidechain": True, "uuid": uuid, "parentUuid": parent, "message": {"content": "Go"}}

    def step(uuid: str, parent: str, **fields: object) -> Line:
        return claude_line(f"msg_{uuid}", request_id=f"r_{uuid}", uuid=uuid, parentUuid=parent, **fields)

    side = {"isSidechain": True}
    lines = [
        *(step("m1", "m0"), prompt("a", None), prompt("b", None)),
        *(step("a1", "a", **side), step("b1", "b", **side), prompt("a2", "a1"), step("a3", "a2", **side)),
        *(step("m2", "m1"), claude_line("msg_x", request_id="x", uuid=None, **side)),
    ]
    named = [None, "a", "b", "a", None, "sidechain"]
    assert [call.observation.context.subagent_id for call in sightings(tmp_path, *lines)] == named
    log, found = LogFile(path=tmp_path / "grown.jsonl", root=tmp_path), []
    for end in range(1, len(lines) + 1):
        write_log(log.path, lines[:end])
        found += [call.observation.context.subagent_id for call in ClaudeCode().read(log)]
        log.state = json.loads(json.dumps(log.state))
    assert found == named


@pytest.mark.parametrize(
    ("fields", "complete"),
    [
        ({"version": "2.1.94", "output": 2}, False),
        ({"version": "2.1.94", "output": 9}, True),
        ({"version": "2.1.330", "output": 2}, True),
        ({"version": "2.1.330", "output": 20, "text": "word " * 200}, False),
        ({"version": "2.1.330", "output": 200, "text": "word " * 200}, True),
        ({"version": "2.1.330", "output": 100, "text": "word " * 1000}, False),
        ({"version": "2.1.330", "output": 500, "text": "word " * 800}, True),
    ],
)
def test_a_placeholder_count_is_a_lower_bound(tmp_path: Path, fields: Line, complete: bool) -> None:
    """Old versions write the count of the stream's start; a count far too small for its text is one too."""
    (call,) = sightings(tmp_path, claude_line(**fields))
    assert call.observation.response.complete is complete


@pytest.mark.parametrize("wrong", ["500", -5, 1.5, 2**53])
@pytest.mark.parametrize("name", ["input_tokens", "output_tokens", "cache_read_input_tokens"])
def test_a_count_that_is_none_leaves_a_lower_bound(tmp_path: Path, name: str, wrong: object) -> None:
    """Unknown is not zero: what is priced is at least what was consumed."""
    counts = {"input_tokens": 30, "output_tokens": 500, "cache_read_input_tokens": 70}
    (call,) = sightings(tmp_path, claude_line(usage={**counts, name: wrong}))
    response = call.observation.response
    assert response.usage is not None
    assert response.usage.total_tokens == 600 - counts[name]
    assert (response.complete, response.mismatch) == (False, True)


@pytest.mark.parametrize("decode", [lines.decode, few.plain_line])
def test_a_line_that_is_there_again_is_no_further_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decode: object
) -> None:
    """The same block four times is as long as once; four blocks are not."""
    monkeypatch.setattr(transcript, "decoder", lambda: decode)
    again = [claude_line(output=20, text="x" * 100, version="2.1.330")] * 4
    (call,) = sightings(tmp_path, *again)
    assert (call.lines, call.observation.response.complete) == (4, True)
    (call,) = sightings(tmp_path, *(claude_line(output=20, text=c * 100, version="2.1.330") for c in "abcd"))
    assert not call.observation.response.complete


def test_a_cut_stream_is_a_lower_bound(tmp_path: Path) -> None:
    """New versions write `stop_details` with the final count; a small count without it is not final."""
    line = claude_line(output=2, version="2.1.330")
    del line["message"]["stop_details"]
    (call,) = sightings(tmp_path, line)
    assert not call.observation.response.complete


@pytest.mark.parametrize(
    ("usage", "kept_1h"),
    [
        ({"cache_creation_input_tokens": 100, "cache_creation": {"ephemeral_1h_input_tokens": 900}}, 100),
        ({"cache_creation_input_tokens": 100}, 0),
    ],
)
def test_one_hour_writes_never_exceed_all_writes(tmp_path: Path, usage: Line, kept_1h: int) -> None:
    """Without a split a write is one of five minutes."""
    (call,) = sightings(tmp_path, claude_line(usage={"input_tokens": 3, "output_tokens": 50, **usage}))
    found = call.observation.response.usage
    assert found is not None
    assert (found.cache_write_input_tokens, found.cache_write_1h_input_tokens) == (100, kept_1h)


@pytest.mark.parametrize(
    ("kept_5m", "kept_1h", "wanted"),
    [(1000, 100, 100), (900, 200, 200), (5000, 0, 0), (0, 5000, 1000), (600, 400, 400)],
)
def test_the_parts_of_cache_writes_never_exceed_them(tmp_path: Path, kept_5m: int, kept_1h: int, wanted: int) -> None:
    """One of them is wrong: all writes are the surer count."""
    split = {"ephemeral_5m_input_tokens": kept_5m, "ephemeral_1h_input_tokens": kept_1h}
    usage = {"input_tokens": 3, "output_tokens": 50, "cache_creation_input_tokens": 1000, "cache_creation": split}
    (call,) = sightings(tmp_path, claude_line(usage=usage))
    found = call.observation.response.usage
    assert found is not None
    assert (found.input_tokens, found.cache_write_input_tokens, found.cache_write_1h_input_tokens) == (
        1003,
        1000,
        wanted,
    )


def test_the_requested_time_to_live_decides_without_a_split(tmp_path: Path) -> None:
    """`promptCacheRequested` says what the write was."""
    usage = {"input_tokens": 3, "output_tokens": 50, "cache_creation_input_tokens": 100}
    (call,) = sightings(tmp_path, claude_line(usage=usage, promptCacheRequested="1h"))
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.cache_write_1h_input_tokens == 100


@pytest.mark.parametrize(
    ("fields", "provider"),
    [
        ({"message_id": "msg_vrtx_1"}, "vertex"),
        ({"request_id": "req_vrtx_1"}, "vertex"),
        ({"message_id": "msg_bdrk_1"}, "bedrock"),
        ({"model": "claude-opus-4@20250514"}, "vertex"),
        ({"model": "glm-4.7"}, "zai"),
        ({}, "anthropic"),
    ],
)
def test_ids_and_models_tell_who_bills(tmp_path: Path, fields: Line, provider: str) -> None:
    """Cloud providers mark their ids."""
    (call,) = sightings(tmp_path, claude_line(**fields))
    assert call.observation.response.provider_name == provider


@pytest.mark.parametrize("split", [{}, {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}])
def test_an_empty_split_is_none(tmp_path: Path, split: dict[str, int]) -> None:
    """Zeros beside a total say nothing of the time-to-live; the requested one does."""
    usage = {"input_tokens": 1, "output_tokens": 5, "cache_creation_input_tokens": 100, "cache_creation": split}
    (call,) = sightings(tmp_path, claude_line(usage=usage, promptCacheRequested="1h"))
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.cache_write_1h_input_tokens == 100


def test_zeros_with_an_empty_split_are_unknown_usage(tmp_path: Path) -> None:
    """The object that splits the cache writes is there and holds nothing."""
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    usage = {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": split}
    (call,) = sightings(tmp_path, claude_line(usage=usage))
    assert call.observation.response.usage is None


def test_zero_usage_is_unknown_usage(tmp_path: Path) -> None:
    """IFlow writes zeros for what it does not know: unpriced, not free."""
    usage = {"input_tokens": 0, "output_tokens": 0}
    (call,) = read_all(IFlow(), write_log(tmp_path / "s.jsonl", [claude_line(usage=usage)]))
    assert call.observation.response.usage is None
    assert call.observation.response.provider_name == "iflow"


def test_a_line_without_an_id_has_a_stable_key(tmp_path: Path) -> None:
    """Its own uuid, else all that it says."""
    lines = [
        claude_line(None, uuid="u1"),
        claude_line(None, uuid=None),
        claude_line(None, uuid=None, at_ms=NOON_MS + 1),
    ]
    keys = [call.observation.response.response_id for call in sightings(tmp_path, *lines)]
    assert keys[0] == "~claude-code:u1"
    assert len(set(keys)) == 3
    assert keys == [call.observation.response.response_id for call in sightings(tmp_path, *lines)]


def test_a_prompt_is_known_by_its_id_not_by_its_text(tmp_path: Path) -> None:
    """The user's line names the prompt that the answers belong to."""
    prompt = {"type": "user", "promptId": "p1", "message": {"role": "user", "content": "secret words"}}
    (call,) = sightings(tmp_path, prompt, claude_line())
    assert call.observation.context.prompt_id == "p1"


def test_titles_name_conversations(tmp_path: Path) -> None:
    """The user's own title beats the model's; a summary belongs to the conversation that holds its leaf."""
    path = write_log(
        tmp_path / "s.jsonl",
        [
            {"type": "summary", "summary": "Of another one", "leafUuid": "elsewhere"},
            {"type": "summary", "summary": "Old summary", "leafUuid": "leaf"},
            claude_line(session="a", uuid="leaf"),
            claude_line("msg_2", request_id="r2", session="b"),
            {"type": "custom-title", "customTitle": "Mine", "sessionId": "b"},
            {"type": "ai-title", "aiTitle": "Guessed", "sessionId": "b"},
        ],
    )
    log = LogFile(path=path, root=tmp_path)
    list(ClaudeCode().read(log))
    assert {name: found.title for name, found in log.conversations.items()} == {"a": "Old summary", "b": "Mine"}


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"assistant","message":{"usage":{"input_tokens":1},"id":7,"model":[]},"timestamp":"2026-01-01T00:00:00Z"}',
        b'{"message":{"usage":null}}',
        b'{"message":"usage","usage":[]}',
        b'{"usage":{}}',
        b'{"type":"assistant","message":{"id":"m","usage":{"output_tokens":"many"},"content":"\xff\xfe"}}',
        b'{"type":"assistant","message":{"id":"m","usage":' + b"[" * 2000 + b"]" * 2000 + b"}}",
        b'{"usage": \xff\xfe}',
    ],
)
def test_hostile_lines_break_nothing(tmp_path: Path, line: bytes) -> None:
    """Whatever a line holds, the calls around it are read."""
    found = sightings(tmp_path, claude_line("msg_a", request_id="a"), line, claude_line("msg_b", request_id="b"))
    ids = [call.observation.response.response_id for call in found]
    assert {"msg_a", "msg_b"} <= set(ids)


def test_a_broken_line_that_says_nothing_of_calls_is_counted(tmp_path: Path) -> None:
    """Not every line is decoded; two that ran into each other, or one cut behind a bracket, are told all the same."""
    broken = (
        b'{"type":"user","message":{"content":"a"}{"type":"user"}',
        b'{"isSidechain":true,"message":{"content":"a"}',
    )
    path = write_log(tmp_path / "s.jsonl", [{"type": "user"}, broken[0], claude_line(), broken[1]])
    log = LogFile(path=path, root=tmp_path)
    assert len(list(ClaudeCode().read(log))) == 1
    assert [line.number for line in log.bad_lines] == [2, 4]


def test_a_transcript_with_thousands_of_open_calls_stays_small(tmp_path: Path) -> None:
    """Calls are handed out as they are done with, not at the end of the file."""
    path = write_log(tmp_path / "s.jsonl", [claude_line(f"m{n}", request_id=f"r{n}") for n in range(1000)])
    first = next(iter(ClaudeCode().read(LogFile(path=path, root=tmp_path))))
    assert first.observation.response.response_id == "m0"


_COUNT = st.integers(0, 10_000)


@settings(max_examples=200, deadline=None)
@given(
    usage=st.fixed_dictionaries(
        {"input_tokens": _COUNT, "output_tokens": _COUNT},
        optional={
            "cache_read_input_tokens": _COUNT,
            "cache_creation_input_tokens": _COUNT,
            "cache_creation": st.fixed_dictionaries(
                {"ephemeral_5m_input_tokens": _COUNT, "ephemeral_1h_input_tokens": _COUNT}
            ),
            "output_tokens_details": st.fixed_dictionaries({"thinking_tokens": _COUNT}),
            "server_tool_use": st.fixed_dictionaries({"web_search_requests": st.integers(0, 2)}),
            "service_tier": st.sampled_from(["standard", "priority", None]),
            "speed": st.sampled_from(["standard", "fast", None]),
            "inference_geo": st.sampled_from(["us", "not_available", None]),
            "iterations": st.just([]),
            "unheard_of": st.just({"x": 1}),
        },
    )
)
def test_the_direct_reading_says_what_the_parser_says(usage: Line) -> None:
    """Plain shapes are read without the parser of the wire format; the answer is the same."""
    body = {"id": "msg_1", "model": "claude-sonnet-4-6"}
    request = RequestFacts(provider_name="anthropic", request_model="sonnet")
    plain = plain_of(msgspec.Raw(json.dumps(usage).encode()))
    counts = None if plain is None else plain.counts
    if plain is None or counts is None:
        return
    direct = plain.response(
        counts,
        message_id="msg_1",
        model="claude-sonnet-4-6",
        provider_name="anthropic",
        request_model="sonnet",
    )
    assert direct == AnthropicParser().parse_usage(usage, response=body, request=request)


def test_what_versions_of_today_write_is_plain() -> None:
    """Else the direct reading would be for nothing."""
    counts = claude_line()["message"]["usage"]
    today = {**counts, "server_tool_use": {"web_search_requests": 0}, "iterations": [], "inference_geo": "us"}
    for usage in (counts, today):
        plain = plain_of(msgspec.Raw(json.dumps(usage).encode()))
        assert plain is not None and plain.counts is not None


@pytest.mark.parametrize(
    "odd",
    [
        {"server_tool_use": {"web_search_requests": 1}},
        {"iterations": [{"type": "message"}]},
        {"fallback_credit": {"status": {"type": "redeemed"}}},
        {"output_tokens": "12"},
        {"output_tokens": -1},
        {"cache_creation_input_tokens": None},
        {"output_tokens_details": {"thinking_tokens": 10_000}},
        {"never_heard_of": 1},
    ],
)
def test_whatever_else_may_be_billed_is_left_to_the_parser(odd: Line) -> None:
    """Searches, further turns, counts that contradict each other, and what nobody has heard of."""
    plain = plain_of(msgspec.Raw(json.dumps({**claude_line()["message"]["usage"], **odd}).encode()))
    assert plain is None or plain.counts is None


def test_homes_follow_the_environment(tmp_path: Path) -> None:
    """`CLAUDE_CONFIG_DIR` may be a list; desktop folders depend on the system."""
    places = Places(environment={"CLAUDE_CONFIG_DIR": "/a, /b"}, home=tmp_path)
    assert ClaudeCode().homes(places)[:2] == [Path("/a"), Path("/b")]
    mac = Places(environment={}, home=tmp_path, platform="darwin")
    assert ClaudeCode().homes(mac)[0] == tmp_path / ".claude"
    assert "Application Support" in str(ClaudeCode().homes(mac)[-1])
    windows = Places(environment={"APPDATA": "/roaming", "LOCALAPPDATA": "/local"}, home=tmp_path, platform="win32")
    assert [str(home).split("/")[1] for home in ClaudeCode().homes(windows)[-2:]] == ["roaming", "local"]


def test_of_a_home_only_its_projects_are_read(tmp_path: Path) -> None:
    """`history.jsonl` and the like are no transcripts; another folder is read as it is."""
    inner = write_log(tmp_path / "projects" / "-p" / "s" / "subagents" / "agent-1.jsonl", [])
    write_log(tmp_path / "history.jsonl", [])
    assert list(ClaudeCode().files(tmp_path)) == [inner]
    assert list(ClaudeCode().files(inner.parent)) == [inner]


def test_of_the_desktop_app_only_transcripts_are_read(tmp_path: Path) -> None:
    """Beside them it keeps an audit that repeats the calls without time and request, and whatever the user gave it."""
    session = tmp_path / "local-agent-mode-sessions" / "o" / "a" / "local_1"
    wanted = write_log(session / ".claude" / "projects" / "-w" / "s.jsonl", [claude_line()])
    write_log(session / "audit.jsonl", [claude_line(request_id=None, timestamp=None, sessionId=None, session_id="s")])
    write_log(session / "uploads" / "data.jsonl", [b"1"])
    for root in (tmp_path, session.parent, session):
        assert list(ClaudeCode().files(root)) == [wanted]
