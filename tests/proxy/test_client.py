"""The HTTP client, and the way through a system proxy."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from codesession.proxy.client import UpstreamClient, system_proxy_for
from codesession.proxy.config import ProxyConfig
from codesession.proxy.connection import Upload, UpstreamError
from codesession.proxy.upstreams import configured_upstreams
from support.fake_provider import FakeProvider
from support.proxies import StartProxy

UPSTREAM = configured_upstreams({"openai": "http://api.example"})["openai"]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the test run does not matter."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_environments_proxy_is_used_with_its_credentials_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go into the proxy's header, not into a URL that could be logged."""
    monkeypatch.setenv("http_proxy", "http://user:p%40ss@proxy.example:8080")
    found = system_proxy_for(UPSTREAM)
    assert found is not None
    assert (found.host, found.port, found.tls) == ("proxy.example", 8080, False)
    assert found.authorization == b"Basic dXNlcjpwQHNz"


def test_an_upstream_outside_the_proxy_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY, and no proxy at all."""
    assert system_proxy_for(UPSTREAM) is None
    monkeypatch.setenv("http_proxy", "http://proxy.example:8080")
    monkeypatch.setenv("no_proxy", "api.example")
    assert system_proxy_for(UPSTREAM) is None


@pytest.mark.parametrize("here", ["http://127.0.0.1:11434", "http://localhost:1234/v1", "http://[::1]:8000"])
def test_an_upstream_on_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch, here: str) -> None:
    """A company's proxy has another 127.0.0.1, and many shells name it without a NO_PROXY."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:8080")
    assert system_proxy_for(configured_upstreams({"openai": here})["openai"]) is None


@pytest.mark.parametrize("address", ["socks5://proxy.example:1080", "http://proxy.example:port", "http://"])
def test_a_proxy_of_another_kind_is_an_error_that_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Not spoken to in the wrong language, nor passed by."""
    monkeypatch.setenv("http_proxy", address)
    with pytest.raises(UpstreamError, match="the system's proxy"):
        system_proxy_for(UPSTREAM)


def test_a_name_is_looked_up_again_when_its_address_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, provider: FakeProvider
) -> None:
    """The network may have changed: after a move to another one nobody waits for a minute."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        dead = nobody.getsockname()[1]
    ports = [dead, provider.port, provider.port]

    def look_up(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", ports.pop(0)))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def main() -> list[int]:
        client = UpstreamClient(ProxyConfig())
        with pytest.raises(OSError, match=r"refused|failed"):
            await client.request(UPSTREAM, "GET", "/v1/models", [], b"", Upload())
        statuses = []
        for _ in range(2):
            response = await client.request(UPSTREAM, "GET", "/v1/models", [(b"connection", b"close")], b"", Upload())
            statuses.append(response.status)
            response.close()
        client.close()
        await asyncio.sleep(0)
        return statuses

    assert asyncio.run(main()) == [200, 200]
    assert len(ports) == 1


@pytest.mark.parametrize("switched_on", [True, False])
def test_a_system_proxy_is_used_only_if_settings_say_so(
    monkeypatch: pytest.MonkeyPatch, start_proxy: StartProxy, provider: FakeProvider, switched_on: bool
) -> None:
    """Through it, the request line holds the whole URL; a password of ~/.netrc is never added."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", provider.url)
    base = "http://api.example" if switched_on else dead
    proxy = start_proxy(bases={"openai": base}, system_proxies=switched_on)
    status = proxy.call("GET", "/p/openai/v1/models?x=1", headers={"Authorization": "Bearer k"})[0]
    assert status == (200 if switched_on else 502)
    if switched_on:
        assert provider.requests[0].target == "http://api.example/v1/models?x=1"
        assert provider.requests[0].header("authorization") == "Bearer k"
    else:
        assert provider.requests == []


def test_calls_wait_for_no_free_connection(start_proxy: StartProxy, provider: FakeProvider) -> None:
    """A hundred streams at once are not queued."""
    proxy = start_proxy()
    everybody = threading.Barrier(100)

    def respond(_request: object) -> list[bytes]:
        everybody.wait(10)
        return [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]

    provider.respond = respond  # type: ignore[assignment]  # narrower on purpose
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(proxy.call("GET", "/v1/models")[0])) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 100
