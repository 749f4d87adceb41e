"""Every URL form in docs/proxy.md leads where the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codesession.cli.listening import ENDPOINTS
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy

PAGE = (Path(__file__).parents[2] / "docs" / "proxy.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "target", "provider_name", "agent", "session"),
    [
        ("/v1/messages", "/v1/messages", "anthropic", None, None),
        ("/v1/chat/completions", "/v1/chat/completions", "openai", None, None),
        ("/v1/responses", "/v1/responses", "openai", None, None),
        ("/p/mistral/v1/chat/completions", "/v1/chat/completions", "mistral", None, None),
        ("/s/7/openai/v1/responses", "/v1/responses", "openai", None, 7),
        ("/a/codex/v1/responses", "/v1/responses", "openai", "codex", None),
    ],
)
def test_a_documented_path_reaches_its_provider_and_says_what_it_says(
    proxy: RunningProxy,
    provider: FakeProvider,
    path: str,
    target: str,
    provider_name: str,
    agent: str | None,
    session: int | None,
) -> None:
    """The path is on the page, and the call is recorded as it promises."""
    assert path in PAGE
    status, _, _ = proxy.call("POST", path, b'{"model":"m"}')
    assert (status, provider.requests[0].target) == (200, target)
    seen = proxy.recorder.one()
    assert seen.response.provider_name == provider_name
    assert (seen.context.agent_name, seen.context.session_id) == (agent, session)


def test_the_url_for_codex_is_the_one_it_completes(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Codex puts `/responses` behind its base URL."""
    (base,) = re.findall(r'openai_base_url = "http://127\.0\.0\.1:3739(/[^"]+)"', PAGE)
    assert proxy.call("POST", base + "/responses", b'{"model":"m"}')[0] == 200
    assert provider.requests[0].target == "/v1/responses"


def test_every_variable_is_on_the_page_with_its_value() -> None:
    """And no other."""
    rows = dict(re.findall(r"^\| (`[A-Z_`, ]+`) \| `(http://127[^`]+)` \|$", PAGE, re.MULTILINE))
    documented = {name: value for names, value in rows.items() for name in re.findall(r"[A-Z_]+", names)}
    assert documented == {name: f"http://127.0.0.1:3739/s/7/{provider}{ending}" for name, provider, ending in ENDPOINTS}
