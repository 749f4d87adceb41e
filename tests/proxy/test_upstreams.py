"""Base URLs and how paths map below them."""

from __future__ import annotations

import pytest

from codesession.errors import InvalidInputError
from codesession.providers.names import provider_of_host
from codesession.proxy.upstreams import configured_upstreams, default_upstreams


@pytest.mark.parametrize(
    ("name", "base_url", "path", "target"),
    [
        ("openai", None, "/v1/chat/completions", "/v1/chat/completions"),
        ("openai", "http://gateway", "/v1/chat/completions", "/v1/chat/completions"),
        ("openai", "https://openrouter.ai/api/v1", "/v1/chat/completions", "/api/v1/chat/completions"),
        ("openai", "https://openrouter.ai/api/v1/", "/v1/models", "/api/v1/models"),
        ("openai", "https://x.azure.com/openai/deployments/d", "/v1/responses", "/openai/deployments/d/responses"),
        ("openai", "https://gateway/team", "/chat/completions", "/team/chat/completions"),
        ("openai", "https://gateway/team/v1", "", "/team/v1"),
        ("openrouter", None, "/v1/chat/completions", "/api/v1/chat/completions"),
        ("openrouter", None, "/api/v1/chat/completions", "/api/v1/chat/completions"),
        ("groq", None, "/openai/v1/chat/completions", "/openai/v1/chat/completions"),
        ("zai", None, "/v1/chat/completions", "/api/paas/v4/chat/completions"),
        ("zai", None, "/api/anthropic/v1/messages", "/api/anthropic/v1/messages"),
        ("alibaba", None, "/apps/anthropic/v1/messages", "/apps/anthropic/v1/messages"),
        ("deepseek", None, "/anthropic/v1/messages", "/anthropic/v1/messages"),
        ("anthropic", "https://gateway/anthropic", "/v1/messages", "/anthropic/v1/messages"),
        ("anthropic", "https://gateway/anthropic/v1", "/v1/messages", "/anthropic/v1/messages"),
        ("anthropic", "https://gateway/claude", "/api/hello", "/claude/api/hello"),
        ("my-gateway", "https://gateway/claude", "/v1/messages", "/claude/v1/messages"),
        ("google", "https://gateway/g", "/v1beta/models/m:generateContent", "/g/v1beta/models/m:generateContent"),
        ("google", "https://gateway/g/v1beta", "/v1beta/models", "/g/v1beta/models"),
        ("anthropic", None, "", "/"),
    ],
)
def test_the_clients_path_maps_below_the_base_url(name: str, base_url: str | None, path: str, target: str) -> None:
    """A base URL is what the provider's SDK would be given; paths written out in full work too."""
    upstreams = configured_upstreams({name: base_url} if base_url else {})
    assert upstreams[name].target(path) == target


def test_a_base_url_keeps_its_port_and_an_ipv6_host() -> None:
    """The origin is used as it was given."""
    upstreams = configured_upstreams({"a": "http://[::1]:8080/v1", "b": "HTTPS://Host.Example:444"})
    assert (upstreams["a"].origin, upstreams["a"].base_path) == ("http://[::1]:8080", "/v1")
    assert upstreams["b"].origin == "https://host.example:444"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "localhost:8080",
        "ftp://host/v1",
        "http://",
        "http://host:port",
        "https://key@host/v1",
        "https://host/v1?key=1",
        "https://a..b",
        "https://two words",
        "https://" + "a" * 64,
    ],
)
def test_what_cannot_be_a_base_url_is_refused_by_name(base_url: str) -> None:
    """The message names the provider and repeats no secret."""
    with pytest.raises(InvalidInputError, match="openai") as raised:
        configured_upstreams({"openai": base_url})
    assert "key" not in raised.value.message


@pytest.mark.parametrize(
    ("base_url", "origin", "base_path"),
    [
        ("http://bücher.example:8080/v1", "http://xn--bcher-kva.example:8080", "/v1"),
        ("https://шлюз.рф:8443", "https://xn--g1ah2bza.xn--p1ai:8443", ""),
        ("https://" + "a" * 60 + ":12345", "https://" + "a" * 60 + ":12345", ""),
        ("https://gw.example/ключ/a b/%7Eme/", "https://gw.example", "/%D0%BA%D0%BB%D1%8E%D1%87/a%20b/%7Eme"),
    ],
)
def test_a_base_url_in_other_letters_is_kept_as_it_goes_over_the_wire(
    base_url: str, origin: str, base_path: str
) -> None:
    """Host header, CONNECT and request line take it as it stands."""
    upstream = configured_upstreams({"openai": base_url})["openai"]
    assert (upstream.origin, upstream.base_path) == (origin, base_path)


def test_an_unknown_provider_is_taken_as_openai_compatible() -> None:
    """Its chat streams are asked for usage like OpenAI's."""
    upstream = configured_upstreams({"vllm": "http://10.0.0.1:8000/v1"})["vllm"]
    assert (upstream.provider_name, upstream.api, upstream.asks_for_usage) == ("vllm", "openai", True)


def test_every_default_is_a_valid_upstream_under_its_own_name() -> None:
    """The table holds no typing error."""
    for name, upstream in default_upstreams().items():
        assert upstream.name == name
        assert upstream.origin.startswith(("https://", "http://127.0.0.1"))


@pytest.mark.parametrize("name", sorted(default_upstreams().keys() - {"ollama", "lmstudio"}))
def test_a_provider_is_told_by_its_host_too(name: str) -> None:
    """The SDK of another provider may be pointed there, and a gateway's name may stand before it: the host bills."""
    upstream = default_upstreams()[name]
    assert provider_of_host(upstream.origin.partition("://")[2]) == upstream.provider_name
