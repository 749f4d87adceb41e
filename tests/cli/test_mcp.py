"""`cs mcp`, its options; what it serves is tested in mcp_server/."""

from __future__ import annotations

import pytest

from cli.conftest import Cs
from codesession.cli import mcp_http
from codesession.cli.mcp import TOKEN_VARIABLE
from codesession.web.access import Access


@pytest.mark.parametrize("options", [("--port", "4000"), ("--json",)])
def test_options_of_http_mean_nothing_without_it(cs: Cs, options: tuple[str, ...]) -> None:
    """They are refused, not ignored."""
    answer = cs("mcp", *options)
    assert answer.code == 1
    assert "--http" in answer.out + answer.err


@pytest.mark.parametrize("token", ["short", "ünterminated-token-of-length"])
def test_a_weak_token_is_refused(cs: Cs, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """Whoever chooses one chooses a good one."""
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    answer = cs("mcp", "--http")
    assert answer.code == 1
    assert "16 characters" in answer.err


def test_the_path_is_one_that_the_guard_protects() -> None:
    """Below /api everything needs the token, for reading too."""
    assert mcp_http.PATH.startswith("/api/")
    assert not Access(port=1).admits({})
