"""Binding: the asked port or a clear error, the default port or a free one."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.proxy.socket import bind_socket


@pytest.fixture
def taken() -> object:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_that_was_asked_for_is_an_error_that_names_it(taken: int) -> None:
    """Serving elsewhere would surprise whoever wrote the number down."""
    with pytest.raises(UnavailableError, match=str(taken)):
        bind_socket(taken)


def test_a_taken_default_port_gives_way_to_a_free_one(taken: int) -> None:
    """Parallel runs must not fail."""
    with bind_socket(default=taken) as sock:
        assert sock.getsockname()[1] not in (0, taken)


def test_the_socket_listens_on_loopback_only() -> None:
    """Nobody else on the network reaches the proxy."""
    with bind_socket(0) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"
        with socket.create_connection(sock.getsockname(), timeout=2):
            pass


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    """With words instead of an OverflowError."""
    with pytest.raises(InvalidInputError, match="not a port"):
        bind_socket(port)


def test_binding_loads_no_event_loop() -> None:
    """`cs run` binds before it starts its command; that must cost nothing."""
    code = (
        "import sys; from codesession.proxy.socket import bind_socket; bind_socket(0).close();"
        "from codesession.proxy.config import ProxyConfig; from codesession.proxy import upstreams;"
        "print([m for m in ('asyncio', 'httptools', 'uvloop', 'ssl', 'rich') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
