"""A page elsewhere lets its own name point at this machine, and asks."""

from __future__ import annotations

import pytest

from support.web_server import Dashboard


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::1]",
        "",
        "0.0.0.0",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/sessions", "/api/v1/health", "/api/openapi.json"])
def test_a_name_that_is_not_ours_gets_nothing(shared: Dashboard, host: str, path: str) -> None:
    """Not even the page, and not even with the token: the name alone decides; the port belongs to it."""
    reply = shared.raw("GET", path, headers={"Host": host, "Authorization": f"Bearer {shared.access.token}"})

    assert reply.status == 421
    assert reply.code == "forbidden"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_our_own_names_are_answered(shared: Dashboard, name: str) -> None:
    """Case does not matter in host names."""
    assert shared.raw("GET", "/", headers={"Host": f"{name}:{shared.port}"}).status == 200
