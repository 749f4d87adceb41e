"""Where the dashboard listens."""

from __future__ import annotations

import socket

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.web import socket as module
from codesession.web.socket import bind


def test_a_port_that_was_asked_for_and_is_taken_is_an_error() -> None:
    """Another one would not be found by whoever was told this one."""
    with bind("127.0.0.1", 0) as taken, pytest.raises(UnavailableError, match="is in use"):
        bind("127.0.0.1", taken.getsockname()[1])


def test_without_a_wish_a_free_port_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the usual one is taken."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
        with bind("127.0.0.1", None) as found:
            assert found.getsockname()[1] != port


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "999.1.1.1"])
def test_an_address_that_is_not_ours_is_refused_in_words(host: str) -> None:
    """Not with a traceback."""
    with pytest.raises(InvalidInputError, match="no address of this machine"):
        bind(host, None)


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_loopback_may_be_ipv6() -> None:
    """`--host ::1`"""
    with bind("::1", 0) as sock:
        assert sock.family == socket.AF_INET6
