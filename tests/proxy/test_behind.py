"""A proxy of ours behind another counts nothing a second time."""

from __future__ import annotations

from codesession.proxy.behind import past_ours
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy


def test_calls_go_past_the_counting_of_a_proxy_of_ours(proxy: RunningProxy) -> None:
    """Not past that of a run, whose budget must see them, nor past what is on another machine."""
    here = f"http://127.0.0.1:{proxy.port}"
    kept = {"mistral": f"{here}/s/7/mistral", "groq": "https://api.groq.com/openai/v1", "xai": "http://gateway.example"}
    found = past_ours({"anthropic": here, "openai": f"{here}/v1", **kept})
    assert found == {"anthropic": f"{here}/seen", "openai": f"{here}/seen/v1", **kept}


def test_another_server_is_asked_once_and_stays_as_it_is(provider: FakeProvider) -> None:
    """Whatever it answers, or whether it does."""
    urls = {"anthropic": f"{provider.url}/gateway", "openai": f"{provider.url}/gateway/v1", "xai": "http://localhost:1"}
    assert past_ours(urls) == urls
    assert [(seen.method, seen.target) for seen in provider.requests] == [("GET", "/seen")]
