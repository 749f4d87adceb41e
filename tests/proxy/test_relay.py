"""What the proxy answers itself, and whose a call is."""

from __future__ import annotations

import json
import socket
import time

import pytest

from codesession.domain.request import Source
from codesession.proxy.sessions import ActiveSession
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy

BODY = b'{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"secret-prompt"}]}'


def test_health_tells_what_is_intercepted_and_for_whom(proxy: RunningProxy) -> None:
    """For people and scripts."""
    proxy.sessions.active = ActiveSession(id=7, name="my task")
    status, _, body = proxy.call("GET", "/health")
    health = json.loads(body)
    assert (status, health["status"]) == (200, "running")
    assert health["activeSession"] == {"id": 7, "name": "my task"}
    assert "/v1/messages" in health["intercepting"]
    assert proxy.call("GET", "/seen")[2] == body  # where another proxy of ours asks


def test_health_survives_a_failing_session_lookup(proxy: RunningProxy) -> None:
    """The proxy runs, even if the ledger does not answer."""

    def fail() -> None:
        raise RuntimeError

    proxy.sessions.active_session = fail  # type: ignore[assignment,method-assign]  # breaks on purpose
    assert json.loads(proxy.call("GET", "/health")[2])["activeSession"] is None


def test_a_websocket_upgrade_is_answered_426_at_once(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Codex then goes on with HTTPS; any other answer costs it seven seconds."""
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert proxy.call("GET", "/v1/responses", headers=headers)[0] == 426
    assert proxy.call("GET", "/s/7/openai/v1/responses", headers=headers)[0] == 426
    assert provider.requests == []


@pytest.mark.parametrize("path", ["/p/nobody/v1/messages", "/s/7/nobody/v1", "/favicon.ico", "/"])
def test_an_unknown_provider_is_a_404_that_names_the_known_ones(
    proxy: RunningProxy, provider: FakeProvider, path: str
) -> None:
    """A host in a path must never become a target."""
    status, _, body = proxy.call("GET", path)
    assert status == 404
    assert "anthropic" in json.loads(body)["error"]["message"]
    assert provider.requests == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_browsers_and_rebound_names_get_nothing(
    proxy: RunningProxy, provider: FakeProvider, headers: dict[str, str], status: int
) -> None:
    """Not even the health page."""
    assert proxy.call("POST", "/v1/messages", BODY, headers)[0] == status
    assert proxy.call("GET", "/health", headers=headers)[0] == status
    assert provider.requests == []


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n", 400),
        ("Host: 127.0.0.1:{port}\r\nOrigin: http://localhost:1\r\norigin: http://evil.example\r\n", 400),
        ("Host: evil.example\r\nHost: 127.0.0.1:{port}\r\n", 421),
        ("Host: 127.0.0.1:{port}\r\nTransfer-Encoding: gzip, chunked\r\n", 501),
    ],
)
def test_a_request_that_can_be_read_in_two_ways_goes_nowhere(
    proxy: RunningProxy, provider: FakeProvider, lines: str, status: int
) -> None:
    """Who asks must be beyond doubt, and so must the body's form: only chunks are taken apart here."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
        sock.sendall(f"POST /v1/messages HTTP/1.1\r\n{lines.format(port=proxy.port)}\r\n".encode())
        assert sock.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    assert provider.requests == []


def test_a_session_in_the_path_wins(proxy: RunningProxy) -> None:
    """Parallel runs never mix."""
    proxy.sessions.active = ActiveSession(id=99, name="other")
    proxy.call("POST", "/s/tok-8/anthropic/v1/messages", BODY)
    assert proxy.recorder.one().context.session_id == 8


def test_an_unknown_session_is_forwarded_and_kept_unattributed(proxy: RunningProxy) -> None:
    """Not given to whichever session is open."""
    proxy.sessions.active = ActiveSession(id=99, name="other")
    assert proxy.call("POST", "/s/gone/anthropic/v1/messages", BODY)[0] == 200
    assert proxy.recorder.one().context.session_id is None


def test_a_call_without_a_session_belongs_to_the_one_active(proxy: RunningProxy) -> None:
    """`cs proxy` with one session."""
    proxy.sessions.active = ActiveSession(id=99, name="task")
    proxy.call("POST", "/v1/messages", BODY)
    assert proxy.recorder.one().context.session_id == 99


def test_the_context_tells_agent_time_and_status(proxy: RunningProxy) -> None:
    """Everything about the call that its response does not say."""
    before = time.time_ns() // 1_000_000
    headers = {"User-Agent": "claude-cli/2.1.330 (external, cli)", "X-Claude-Code-Session-Id": "c-1"}
    proxy.call("POST", "/v1/messages", BODY, headers)
    context = proxy.recorder.one().context
    assert (context.source, context.status_code) == (Source.PROXY, 200)
    assert (context.agent_name, context.agent_version, context.conversation_id) == ("claude-code", "2.1.330", "c-1")
    assert before <= context.started_at_ms <= time.time_ns() // 1_000_000
    assert context.duration_ms is not None
    assert 0 <= context.duration_ms < 5000


def test_an_agent_in_the_path_names_itself_and_its_project(proxy: RunningProxy) -> None:
    """For agents whose headers say nothing."""
    proxy.call("POST", "/a/openclaw/web%20shop/v1/messages", BODY, {"User-Agent": "undici"})
    context = proxy.recorder.one().context
    assert (context.agent_name, context.project) == ("openclaw", "web shop")


def test_no_prompt_answer_or_key_is_handed_over(proxy: RunningProxy) -> None:
    """What is recorded holds counts and names only."""
    headers = {"x-api-key": "sk-secret-key", "authorization": "Bearer secret-token"}
    proxy.call("POST", "/v1/messages?key=secret-query", BODY, headers)
    seen = repr(proxy.recorder.one()) + repr(proxy.log)
    assert "secret" not in seen
    assert "héllo" not in seen
