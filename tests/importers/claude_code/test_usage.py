"""Usage of any shape, by the parser of the wire format."""

from __future__ import annotations

from codesession.importers.claude_code.usage import response_of

NAMES = {"message_id": "msg_1", "model": "claude-x", "provider_name": "anthropic", "request_model": "claude"}


def test_usage_is_read_as_the_proxy_reads_it() -> None:
    """With what is billed beside tokens."""
    found = response_of({"input_tokens": 3, "output_tokens": 2, "server_tool_use": {"web_search_requests": 1}}, **NAMES)
    assert (found.response_id, found.response_model, found.request_model) == ("msg_1", "claude-x", "claude")
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens, found.facts.web_search_requests) == (3, 2, 1)


def test_no_usage_is_unknown_usage() -> None:
    """Never zero."""
    assert response_of(None, **NAMES).usage is None
