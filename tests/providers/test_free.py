"""What costs nothing, and what might."""

from __future__ import annotations

import pytest

from codesession.providers.free import may_cost


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages/count_tokens?beta=true",
        "/v1/messages%2Fcount_tokens",
        "/v1/messages/batches/b_1/cancel",
        "/v1/moderations",
        "/v1/files",
        "/upload/v1beta/files",
        "/v1/uploads/u_1/parts",
        "/v1/threads/t/messages",
        "/v1/conversations/conv_1",
        "/v1/chat/completions/chatcmpl_1",
        "/v1/realtime/calls/c_1/hangup",
        "/v1beta/models/gemini-3-pro:countTokens",
        "/v1/projects/p/locations/eu/publishers/google/models/veo-3:fetchPredictOperation",
        "/v1internal:loadCodeAssist",
        "/api/event_logging/batch",
        "/api/v1/auth/keys",
        "/v1/oauth/token",
        "/api/show",
    ],
)
def test_what_is_known_to_be_free(path: str) -> None:
    """An agent counts, uploads and reports under a strict budget, too."""
    assert not may_cost("POST", path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/thoughts",
        "/v1/sessions/s_1/events",
        "/v1/vector_stores/vs_1/files",
        "/v1/agents/automations",
        "/v1beta/models/m:dream",
        "/v1",
        "/",
    ],
)
def test_what_nobody_knows_may_cost(path: str) -> None:
    """Unknown is not free; to look at something is."""
    assert may_cost("POST", path)
    assert not may_cost("GET", path)
