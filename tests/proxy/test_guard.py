"""Who is let in."""

from __future__ import annotations

import pytest

from codesession.proxy.guard import Guard

GUARD = Guard(3739)
HOST = {b"host": b"127.0.0.1:3739"}


@pytest.mark.parametrize("host", [b"127.0.0.1:3739", b"localhost:3739", b"LOCALHOST:3739", b"[::1]:3739"])
def test_a_loopback_host_with_the_right_port_is_served(host: bytes) -> None:
    """These are the names that only this machine can mean."""
    assert GUARD.refusal("127.0.0.1", {b"host": host}) is None


@pytest.mark.parametrize(
    "host", [b"evil.example", b"evil.example:3739", b"127.0.0.1.evil.example:3739", b"127.0.0.1:80", b"127.0.0.1", b""]
)
def test_any_other_host_is_misdirected(host: bytes) -> None:
    """A rebound name or another server's port."""
    refusal = GUARD.refusal("127.0.0.1", {b"host": host})
    assert refusal is not None
    assert refusal[0] == 421


def test_the_default_port_may_be_left_out_of_the_host() -> None:
    """On port 80 clients do so."""
    assert Guard(80).refusal("127.0.0.1", {b"host": b"localhost"}) is None


@pytest.mark.parametrize("peer", ["10.0.0.5", "::ffff:10.0.0.5", "fe80::1", "unix", "", None])
def test_a_peer_from_elsewhere_is_forbidden(peer: str | None) -> None:
    """Even if the socket were opened to the network by a forwarder."""
    refusal = GUARD.refusal(peer, HOST)
    assert refusal is not None
    assert refusal[0] == 403


@pytest.mark.parametrize(
    "origin", [b"http://evil.example", b"null", b"https://127.0.0.1.evil.example", b"\xff", b"file://"]
)
def test_a_page_from_elsewhere_is_forbidden(origin: bytes) -> None:
    """Agents send no Origin; browsers do."""
    refusal = GUARD.refusal("127.0.0.1", {**HOST, b"origin": origin})
    assert refusal is not None
    assert refusal[0] == 403


@pytest.mark.parametrize("origin", [b"http://localhost:5173", b"http://127.0.0.1", b"http://[::1]:80"])
def test_a_page_of_this_machine_is_served(origin: bytes) -> None:
    """Local web tools may use local models through the proxy."""
    assert GUARD.refusal("127.0.0.1", {**HOST, b"origin": origin}) is None


def test_a_cross_site_fetch_without_origin_is_forbidden() -> None:
    """A GET from a page carries Sec-Fetch-Site instead."""
    assert GUARD.refusal("127.0.0.1", {**HOST, b"sec-fetch-site": b"cross-site"}) is not None
    assert GUARD.refusal("127.0.0.1", {**HOST, b"sec-fetch-site": b"none"}) is None
