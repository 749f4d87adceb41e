"""What a request can make its provider bill, from its body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codesession.providers.demand import BodyDemand, demand_of


def demand(**body: Any) -> BodyDemand:
    whole = {"model": "m", **body}
    return demand_of(whole, len(json.dumps(whole)))


def test_a_prompt_has_at_most_as_many_tokens_as_bytes() -> None:
    """And something for what the provider puts around it."""
    text = "a" * 10_000
    found = demand(messages=[{"role": "user", "content": text}])
    assert found.input_tokens is not None
    assert 10_000 < found.input_tokens < 13_000
    assert (found.cache_write, found.audio, found.open_ended) == (None, False, False)


def test_an_image_may_be_more_than_its_bytes() -> None:
    """A plain white picture compresses to almost nothing."""
    source = {"type": "base64", "media_type": "image/png", "data": "iVBO"}
    found = demand(messages=[{"role": "user", "content": [{"type": "image", "source": source}]}])
    assert found.input_tokens is not None
    assert found.input_tokens >= 20_000


@pytest.mark.parametrize(
    "body",
    [
        {"previous_response_id": "resp_1", "input": "go on"},
        {"conversation": {"id": "c"}},
        {"previous_interaction_id": "v1_a", "input": "go on"},
        {"input": [{"type": "video", "uri": "https://generativelanguage.googleapis.com/v1beta/files/x"}]},
        {"input": [{"type": "document", "uri": "gs://bucket/x.pdf"}]},
        {"input": [{"type": "input_file", "file_id": "file_1"}]},
        {"messages": [{"content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}]},
        {"cachedContent": "cachedContents/1"},
        {"cached_content": "cachedContents/1"},
        {"thread": {"type": "continue", "previous_message_id": "msg_1"}},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"messages": [{"content": [{"type": "document_url", "document_url": "https://x/y.pdf"}]}]},
        {"messages": [{"content": [{"image": {"source": {"s3Location": {"uri": "s3://x/y"}}}}]}]},
    ],
)
def test_a_prompt_that_lies_elsewhere_is_not_known(body: dict[str, Any]) -> None:
    """What the request only points at may be as large as the model takes."""
    assert demand(**body).input_tokens is None


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
        {"tools": [{"type": "mcp", "server_url": "https://x"}]},
        {"tools": [{"type": "google_search"}]},
        {"tools": [{"type": "url_context"}]},
        {"agent": "deep-research-pro"},
        {"environment": {"type": "remote"}},
        {"tools": [{"google_search": {}}]},
        {"web_search_options": {}},
        {"mcp_servers": [{"url": "https://x"}]},
        {"tools": [{"google_maps": {}}]},
        {"tools": [{"fileSearch": {"fileSearchStoreNames": ["x"]}}]},
        {"tools": [{"type": "document_library", "library_ids": ["x"]}]},
        {"tools": [{"type": "shell", "environment": {"type": "container_auto"}}]},
        {"search_parameters": {"mode": "auto"}},
        {"model": "some/model:online"},
        {"models": ["cheap", "dear"]},
        {"context_management": [{"type": "compaction", "compact_threshold": 9}]},
        {"context_management": {"edits": [{"type": "compact_20260112"}]}},
    ],
)
def test_tools_that_the_provider_runs_have_no_limit(body: dict[str, Any]) -> None:
    """They read the prompt again as often as they like."""
    assert demand(**body).open_ended


def test_tools_that_the_client_runs_change_nothing() -> None:
    """Each of their results comes in a call of its own."""
    tools = [
        {"name": "Bash", "input_schema": {"type": "object"}},
        {"type": "function", "name": "f"},
        {"type": "local_shell"},
        {"type": "computer_use_preview"},
    ]
    assert not demand(tools=tools).open_ended


def test_a_prompt_that_was_compacted_is_a_prompt() -> None:
    """What an earlier call made of it, and what the model forgets of its thoughts, costs nothing more."""
    summary = {"type": "compaction", "encrypted_content": "abc"}
    edits = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    assert not demand(input=[summary]).open_ended
    assert not demand(messages=[{"role": "assistant", "content": [summary]}], context_management=edits).open_ended


def test_a_completion_may_have_several_prompts() -> None:
    """Texts or numbers of tokens; one list of numbers is one prompt."""
    several: list[Any] = [["a", "b", "c"], [[1, 2], [3], [4]]]
    assert [demand(prompt=prompt).prompts for prompt in several] == [3, 3]
    assert [demand(prompt=prompt).prompts for prompt in ("a", [1, 2, 3], [], None, {"id": "x"})] == [1] * 5


def test_words_in_a_prompt_are_not_keys() -> None:
    """Somebody may ask about caching, or paste this very request."""
    pasted = json.dumps({"cache_control": {"ttl": "1h"}, "previous_response_id": "x", "type": "mcp"})
    found = demand(messages=[{"role": "user", "content": pasted}])
    assert (found.cache_write, found.open_ended, found.input_tokens is None) == (None, False, False)


def test_cache_entries_are_known_by_their_time_to_live() -> None:
    """Five minutes unless an hour, or twelve, are asked for."""
    short = {"cache_control": {"type": "ephemeral"}}
    assert demand(system=[short]).cache_write == "5m"
    assert demand(system=[{"cache_control": {"type": "ephemeral", "ttl": "1h"}}]).cache_write == "1h"
    assert demand(prompt_cache_options={"ttl": "12h"}).cache_write == "12h"


def test_speed_and_place_are_told() -> None:
    """Both multiply the price."""
    found = demand(speed="fast", inference_geo="us")
    assert (found.speed, found.inference_geo) == ("fast", "us")


def test_nothing_is_known_of_a_body_that_cannot_be_read() -> None:
    """Then the dearest of everything has to be expected."""
    found = demand_of(None, 0)
    assert (found.input_tokens, found.cache_write, found.audio, found.open_ended) == (None, "12h", True, True)
