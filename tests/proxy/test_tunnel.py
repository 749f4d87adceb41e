"""Upstreams over TLS, directly and through a proxy of the system that opens tunnels."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
import uvloop

from codesession.proxy.client import UpstreamClient
from codesession.proxy.config import ProxyConfig
from codesession.proxy.connection import Upload, UpstreamError
from codesession.proxy.upstreams import configured_upstreams

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop])
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the standard library's event loop and on the one that the proxy has where it can."""
    monkeypatch.setattr(asyncio, "new_event_loop", request.param)


class Server:
    """Answers every request it gets over TLS or without, and keeps what it saw."""

    def __init__(self, context: ssl.SSLContext | None = None, *, connect: bytes | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self._connect = connect
        """For a proxy: what it answers to CONNECT."""
        self.port: int = self._listener.getsockname()[1]
        self.seen: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(10)
        with contextlib.suppress(OSError), sock:
            stream = self._context.wrap_socket(sock, server_side=True) if self._context else sock
            with stream:
                self._answer(stream)

    def _answer(self, stream: socket.socket) -> None:
        while head := _head(stream):
            self.seen.append(head)
            if self._connect is None or not head.startswith(b"CONNECT"):
                stream.sendall(ANSWER)
                continue
            stream.sendall(self._connect)
            if b" 200 " in self._connect:
                host, _, port = head.split()[1].decode().rpartition(":")
                with socket.create_connection((host, int(port))) as target:
                    _join(stream, target)
            return


def _head(stream: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = stream.recv(4096)
        if not piece:
            return b""
        received += piece
    return received


def _join(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until one side ends; on one thread, because TLS sockets are not for two."""
    while True:
        waiting = isinstance(one, ssl.SSLSocket) and one.pending()
        ready = [one] if waiting else select.select([one, other], [], [], 10)[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)


class Place:
    """A certificate authority, a server with its certificate, and a client that trusts it."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.ca_file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        self.server = Server(self.context)
        self.origin = f"https://localhost:{self.server.port}"

    def ask(self, *, times: int = 1, ca_file: str | None = None, system_proxies: bool = False) -> list[bytes]:
        """Bodies of answers to the same request, asked one after another."""
        upstream = configured_upstreams({"openai": self.origin})["openai"]
        config = ProxyConfig(ca_file=ca_file or self.ca_file, system_proxies=system_proxies, connect_timeout_s=5)

        async def main() -> list[bytes]:
            client = UpstreamClient(config)
            bodies = []
            try:
                for _ in range(times):
                    response = await client.request(upstream, "GET", "/v1/models", [(b"x", b"y")], b"", Upload())
                    pieces: list[bytes] = []
                    response.pass_to(pieces.append)
                    await response.over()
                    bodies.append(b"".join(pieces))
            finally:
                client.close()
                await asyncio.sleep(0)
            return bodies

        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(main())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    made = Place(tmp_path)
    yield made
    made.server.close()


def test_an_upstream_over_tls_is_asked_again_on_the_same_connection(place: Place) -> None:
    """Its name is checked, Host says which port."""
    assert place.ask(times=2) == [b"secret", b"secret"]
    head = b"GET /v1/models HTTP/1.1\r\nHost: localhost:%d\r\nx: y\r\n\r\n" % place.server.port
    assert place.server.seen == [head, head]


def test_a_certificate_that_nobody_vouches_for_is_refused(place: Place, tmp_path: Path) -> None:
    """Nothing is sent to whoever stands there."""
    other = trustme.CA()
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(ssl.SSLError):
        place.ask(ca_file=str(tmp_path / "other.pem"))
    assert place.server.seen == []


@pytest.mark.parametrize("secure", [False, True])
def test_a_tunnel_leads_through_the_systems_proxy(place: Place, monkeypatch: pytest.MonkeyPatch, secure: bool) -> None:
    """The proxy sees the host and its own password; the request, inside the tunnel, it does not."""
    proxy = Server(place.context if secure else None, connect=b"HTTP/1.1 200 Connection established\r\n\r\n")
    scheme = "https" if secure else "http"
    monkeypatch.setenv("https_proxy", f"{scheme}://user:pass@localhost:{proxy.port}")
    assert place.ask(times=2, system_proxies=True) == [b"secret", b"secret"]
    name = b"localhost:%d" % place.server.port
    authorization = b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"
    assert proxy.seen == [b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (name, name, authorization)]
    assert authorization not in place.server.seen[0]
    proxy.close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"garbage\r\n\r\n"])
def test_a_proxy_that_refuses_is_named_as_the_reason(
    place: Place, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Not the provider: whoever reads it looks in the right place."""
    proxy = Server(connect=answer)
    monkeypatch.setenv("https_proxy", f"http://localhost:{proxy.port}")
    with pytest.raises(UpstreamError, match="the system's proxy refused the way"):
        place.ask(system_proxies=True)
    assert place.server.seen == []
    proxy.close()


def test_a_proxy_that_hangs_up_is_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not after the time-out."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
    monkeypatch.setenv("https_proxy", f"http://localhost:{listener.getsockname()[1]}")
    with pytest.raises((UpstreamError, OSError)):
        place.ask(system_proxies=True)
    listener.close()
