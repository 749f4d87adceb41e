"""A page elsewhere puts ours into an invisible frame and lets people click."""

from __future__ import annotations

import pytest

from support.web_server import Dashboard


@pytest.mark.parametrize("path", ["/", "/sessions/1", "/api/docs", "/api/v1/health", "/api/v1/sessions", "/nothing.js"])
def test_nothing_of_ours_can_be_framed_or_run_inline(shared: Dashboard, path: str) -> None:
    """Every answer says so, errors too: no frame, no inline script, no form target, nothing from elsewhere."""
    headers = shared.raw("GET", path).headers
    policy = headers["content-security-policy"]

    assert "frame-ancestors 'none'" in policy and headers["x-frame-options"] == "DENY"
    assert policy.startswith("default-src 'none'") and "unsafe-" not in policy and "http" not in policy
    assert "form-action 'none'" in policy and "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_what_may_run_changes_with_every_answer(shared: Dashboard) -> None:
    """A nonce that could be foreseen would let injected text run."""
    policies = {shared.raw("GET", "/").headers["content-security-policy"] for _ in range(3)}

    assert len(policies) == 3
