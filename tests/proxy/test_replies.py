"""Own answers have the shape that the asked provider's SDK understands."""

from __future__ import annotations

import json

import pytest

from codesession.proxy import replies
from codesession.proxy.inbound import Inbound
from codesession.proxy.request import Request
from codesession.proxy.sessions import ActiveSession
from support.inbound import with_request


@pytest.mark.parametrize("api", ["anthropic", "openai", "google"])
def test_an_error_has_its_message_where_every_sdk_looks(api: str) -> None:
    """`error.message` in all three families."""
    value = json.loads(replies.error(502, replies.UPSTREAM_FAILED, api=api).body)
    assert value["error"]["message"] == "upstream connection failed"


def test_each_family_keeps_its_own_fields() -> None:
    """Anthropic's envelope has a type, Google's a status word and number."""
    assert json.loads(replies.error(502, "m", api="anthropic").body)["type"] == "error"
    assert json.loads(replies.error(403, "m", api="google").body)["error"]["status"] == "PERMISSION_DENIED"
    assert json.loads(replies.error(502, "m", api="openai", code="c").body)["error"]["code"] == "c"


def test_a_refusal_tells_sdks_not_to_try_again() -> None:
    """A budget does not come back within a retry."""
    reply = replies.refused(403, "stop", api="anthropic", code="budget_exceeded")
    assert (b"x-should-retry", b"false") in reply.headers


def test_health_names_the_active_session() -> None:
    """Or null."""
    assert json.loads(replies.health(None).body)["activeSession"] is None
    value = json.loads(replies.health(ActiveSession(id=3, name="fix ü")).body)
    assert value["status"] == "running"
    assert value["activeSession"] == {"id": 3, "name": "fix ü"}
    assert "/v1/messages" in value["intercepting"]


def test_a_reply_is_sent_complete_with_its_length() -> None:
    """So that a keep-alive connection goes on."""

    async def work(request: Request, connection: Inbound) -> None:
        replies.upgrade_refused().send(request)

    head, _, body = with_request(b"GET / HTTP/1.1\r\n\r\n", work).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert b"content-length: %d" % len(body) in head
    assert b"connection: close" in head
