"""A running proxy in front of a fake provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from codesession.proxy.config import ProxyConfig
from codesession.proxy.gate import Gate
from codesession.proxy.server import ProxyServer
from codesession.proxy.socket import bind_socket
from codesession.proxy.upstreams import configured_upstreams
from support.fake_provider import FakeProvider
from support.proxies import KnownSessions, ListRecorder, RunningProxy, StartProxy


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that answers like the real ones."""
    with FakeProvider() as fake:
        yield fake


@pytest.fixture
def start_proxy(provider: FakeProvider) -> Iterator[StartProxy]:
    """Start a proxy whose providers are all the fake one; keywords go into its config."""
    started: list[RunningProxy] = []

    def start(*, gate: Gate | None = None, bases: dict[str, str] | None = None, **switches: object) -> RunningProxy:
        names = ("anthropic", "openai", "google", "google-code-assist", "mistral", "deepseek", "my-gateway")
        upstreams = configured_upstreams({**dict.fromkeys(names, provider.url), **(bases or {})})
        log: list[str] = []
        config = ProxyConfig(upstreams=upstreams, log=log.append, **switches)  # type: ignore[arg-type]  # the test's own
        recorder, sessions = ListRecorder(), KnownSessions()
        server = ProxyServer(config, recorder, sessions, gate)
        sock = bind_socket(0)
        running = RunningProxy(server, sock.getsockname()[1], recorder, sessions, log)
        server.serve_in_thread(sock)
        started.append(running)
        return running

    yield start
    for running in started:
        running.server.stop(timeout=0.2)


@pytest.fixture
def proxy(start_proxy: StartProxy) -> RunningProxy:
    """A proxy as it is by default."""
    return start_proxy()
