"""What a path means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codesession.proxy.route import Route, UnknownRoute, find_route
from codesession.proxy.upstreams import default_upstreams

UPSTREAMS = default_upstreams()


def route(path: str, **headers: str) -> Route:
    """The route of a path that has one."""
    found = find_route(path, {k.replace("_", "-").encode(): v.encode() for k, v in headers.items()}, UPSTREAMS)
    assert isinstance(found, Route)
    return found


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/messages", "anthropic"),
        ("/v1/messages/count_tokens", "anthropic"),
        ("/api/hello", "anthropic"),
        ("/v1/chat/completions", "openai"),
        ("/v1/responses/compact", "openai"),
        ("/v1/embeddings", "openai"),
        ("/v1/models", "openai"),
        ("/v1beta/models/gemini-2.5-flash:generateContent", "google"),
        ("/v1/models/gemini-2.5-flash:generateContent", "google"),
        ("/v1/models/gemini-2.5-flash%3AgenerateContent", "google"),
        ("/v1internal:streamGenerateContent", "google-code-assist"),
        ("/download/v1beta/files/abc:download?alt=media", "google"),
    ],
)
def test_a_bare_path_names_its_provider(path: str, name: str) -> None:
    """Agents whose base URL is the proxy itself."""
    found = route(path)
    assert (found.upstream.name, found.path) == (name, path)


@pytest.mark.parametrize("header", ["anthropic_version", "x_api_key"])
def test_a_shared_path_goes_by_the_anthropic_headers(header: str) -> None:
    """`/v1/models` exists on both sides."""
    assert route("/v1/models", **{header: "x"}).upstream.name == "anthropic"


@pytest.mark.parametrize(
    ("path", "name", "rest", "token", "agent", "project"),
    [
        ("/s/7/anthropic/v1/messages", "anthropic", "/v1/messages", "7", None, None),
        ("/s/7/openai/v1/responses", "openai", "/v1/responses", "7", None, None),
        ("/s/7/google/v1internal:x", "google-code-assist", "/v1internal:x", "7", None, None),
        ("/s/7/v1/messages", "anthropic", "/v1/messages", "7", None, None),
        ("/s/7/anthropic", "anthropic", "", "7", None, None),
        ("/s/a%2Fb/p/groq/v1/chat/completions", "groq", "/v1/chat/completions", "a/b", None, None),
        ("/p/mistral/v1/chat/completions", "mistral", "/v1/chat/completions", None, None, None),
        ("/p/kimi/v1/chat/completions", "moonshot", "/v1/chat/completions", None, None, None),
        ("/a/openclaw/v1/messages", "anthropic", "/v1/messages", None, "openclaw", None),
        ("/a/openclaw/my%20app/v1/messages", "anthropic", "/v1/messages", None, "openclaw", "my app"),
        ("/a/pi/download/v1beta/files/a:download", "google", "/download/v1beta/files/a:download", None, "pi", None),
        ("/a/pi/p/deepseek/chat/completions", "deepseek", "/chat/completions", None, "pi", None),
        ("/a/pi/app/p/deepseek/chat/completions", "deepseek", "/chat/completions", None, "pi", "app"),
        ("/a/pi/app/deepseek/chat/completions", "deepseek", "/chat/completions", None, "pi", "app"),
        ("/s/7/a/pi/anthropic/v1/messages", "anthropic", "/v1/messages", "7", "pi", None),
    ],
)
def test_prefixes_carry_attribution_and_are_taken_off(
    path: str, name: str, rest: str, token: str | None, agent: str | None, project: str | None
) -> None:
    """Session, agent and project stand before the provider; what follows is the client's own path."""
    found = route(path)
    assert (found.upstream.name, found.path) == (name, rest)
    assert (found.session_token, found.agent, found.project) == (token, agent, project)


def test_the_clients_encoding_of_a_path_is_kept() -> None:
    """Only labels are decoded."""
    assert route("/s/7/google/v1beta/models/a%2Fb:generateContent").path == "/v1beta/models/a%2Fb:generateContent"


@pytest.mark.parametrize("path", ["/p/nobody/v1/x", "/", "/favicon.ico", "/s/7/nobody/x", "/p/", "/s/", "/a/", "*"])
def test_a_path_of_no_provider_has_no_route(path: str) -> None:
    """It is answered, not guessed."""
    assert isinstance(find_route(path, {}, UPSTREAMS), UnknownRoute)


def test_a_call_that_another_proxy_counts_is_told_from_others() -> None:
    """Whatever else its path says."""
    for path in ("/v1/messages", "/s/7/anthropic/v1/messages", "/a/codex/p/anthropic/v1/messages"):
        found = route(f"/seen{path}")
        assert found.seen
        assert replace(found, seen=False) == route(path)
