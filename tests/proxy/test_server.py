"""Starting and stopping."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from codesession.errors import InvalidInputError
from codesession.proxy.config import ProxyConfig
from codesession.proxy.inbound import Inbound
from codesession.proxy.server import ProxyServer
from codesession.proxy.socket import bind_socket
from codesession.proxy.upstreams import configured_upstreams
from support import wires
from support.fake_provider import FakeProvider
from support.proxies import ListRecorder, RunningProxy, StartProxy

BODY = b'{"model":"claude-sonnet-4-5","stream":true,"messages":[]}'


def open_stream(proxy: RunningProxy, provider: FakeProvider) -> socket.socket:
    """A call whose answer has begun and does not end."""
    script = wires.stream(wires.anthropic_events())
    provider.script(*script[:4], threading.Event())
    sock = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
    head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\nContent-Length: {len(BODY)}\r\n\r\n"
    sock.sendall(head.encode() + BODY)
    while b"content_block_start" not in sock.recv(65536):
        pass
    return sock


def test_connections_made_before_the_server_runs_are_served(provider: FakeProvider) -> None:
    """`cs run` starts its command first; the backlog holds its first calls."""
    sock = bind_socket(0)
    address = sock.getsockname()
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(f"GET /health HTTP/1.1\r\nHost: localhost:{address[1]}\r\n\r\n".encode())
        server = ProxyServer(ProxyConfig(), ListRecorder())
        server.serve_in_thread(sock)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        server.stop()


def test_stop_is_quick_when_nothing_is_open(proxy: RunningProxy) -> None:
    """It stands between the end of a command and its summary."""
    proxy.call("POST", "/v1/messages", BODY)
    begin = time.monotonic()
    proxy.server.stop(timeout=20)
    assert time.monotonic() - begin < 20
    assert len(proxy.recorder.seen) == 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", proxy.port), timeout=1)


def test_stop_waits_for_a_call_that_ends(proxy: RunningProxy, provider: FakeProvider) -> None:
    """A call that finishes within the grace time is recorded whole."""
    script = wires.stream(wires.anthropic_events())
    provider.script(*script[:4], 0.3, *script[4:])
    got: list[bytes] = []
    caller = threading.Thread(target=lambda: got.append(proxy.call("POST", "/v1/messages", BODY)[2]))
    caller.start()
    while not provider.requests:
        time.sleep(0.005)
    proxy.server.stop(timeout=5)
    caller.join()
    assert got == [b"".join(wires.anthropic_events())]
    assert proxy.recorder.seen[0].response.complete


def test_stop_records_a_call_whose_client_has_just_left(proxy: RunningProxy, provider: FakeProvider) -> None:
    """The command was killed in the middle of an answer: a lower bound, at once."""
    open_stream(proxy, provider).close()
    begin = time.monotonic()
    proxy.server.stop(timeout=20)
    assert time.monotonic() - begin < 20
    assert [seen.response.complete for seen in proxy.recorder.seen] == [False]


def test_stop_cuts_a_call_that_does_not_end_and_records_it(proxy: RunningProxy, provider: FakeProvider) -> None:
    """After the grace time."""
    with open_stream(proxy, provider):
        proxy.server.stop(timeout=0.2)
        assert [seen.response.complete for seen in proxy.recorder.seen] == [False]
    assert provider.hung_up.wait(2)


def test_the_servers_thread_takes_no_signals(proxy: RunningProxy) -> None:
    """They belong to the main thread, which passes them on to its command."""
    proxy.server.wait_ready()
    (thread,) = [t for t in threading.enumerate() if t.name == "codesession-proxy"]
    with open(f"/proc/self/task/{thread.native_id}/status", encoding="ascii") as status:
        blocked = next(line for line in status if line.startswith("SigBlk"))
    assert int(blocked.split()[1], 16) & (1 << (signal.SIGINT - 1))
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_server_that_cannot_start_says_so(tmp_path: object) -> None:
    """A certificate file that is not there; waiting connections are refused instead of left hanging."""
    log: list[str] = []
    server = ProxyServer(ProxyConfig(ca_file=f"{tmp_path}/missing.pem", log=log.append), ListRecorder())
    sock = bind_socket(0)
    server.serve_in_thread(sock)
    with pytest.raises(Exception, match="did not start"):
        server.wait_ready()
    assert log[0].startswith("stopped: FileNotFoundError")
    assert sock.fileno() == -1


def test_a_base_url_that_leads_back_to_the_proxy_is_refused() -> None:
    """Else one call would become endless ones."""
    sock = bind_socket(0)
    upstreams = configured_upstreams({"openai": f"http://localhost:{sock.getsockname()[1]}/v1"})
    with pytest.raises(InvalidInputError, match="openai"):
        ProxyServer(ProxyConfig(upstreams=upstreams), ListRecorder()).serve_forever(sock)


FOREGROUND = """
import sys, time
from codesession.proxy.config import ProxyConfig
from codesession.proxy.server import ProxyServer
from codesession.proxy.socket import bind_socket
from codesession.proxy.upstreams import configured_upstreams

class Recorder:
    waiting = 0

    def submit(self, observation):
        print("recorded", observation.response.complete, flush=True)

sock = bind_socket(0)
print(sock.getsockname()[1], flush=True)
ProxyServer(ProxyConfig(upstreams=configured_upstreams({"anthropic": sys.argv[1]})), Recorder()).serve_forever(sock)
print("returned", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_foreground_server_cleanly(provider: FakeProvider, number: int) -> None:
    """`cs proxy` returns from `serve_forever`, after open calls are recorded, without a traceback."""
    script = wires.stream(wires.anthropic_events())
    provider.script(*script[:4], threading.Event())
    process = subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, provider.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = f"POST /v1/messages HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {len(BODY)}\r\n\r\n"
        client.sendall(head.encode() + BODY)
        assert b"200" in client.recv(1000)
    time.sleep(0.1)
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=10)
    assert (out.split(), process.returncode) == (["recorded", "False", "returned"], 0)
    assert err == ""


def test_many_servers_run_side_by_side(start_proxy: StartProxy) -> None:
    """Parallel runs in one process, for tests and for embedding."""
    proxies = [start_proxy() for _ in range(3)]
    for proxy in proxies:
        assert proxy.call("POST", "/v1/messages", BODY)[0] == 200
        proxy.recorder.one()
    with contextlib.suppress(OSError):
        proxies[0].server.stop()
    assert proxies[1].call("GET", "/health")[0] == 200


def test_100_megabytes_stream_both_ways_in_bounded_memory(provider: FakeProvider) -> None:
    """No cap on size and no copy of it: the process never holds more than the buffer that its config allows."""
    block, count = b"x" * (1 << 20), 100
    head = wires.head(200, (("content-type", "application/json"),))
    provider.respond = lambda _request: [head, *([wires.chunk(block)] * count), wires.LAST_CHUNK]
    with subprocess.Popen([sys.executable, "-c", FOREGROUND, provider.url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            length = f"Content-Length: {count << 20}"
            client.sendall(f"POST /v1/messages HTTP/1.1\r\nHost: localhost:{port}\r\n{length}\r\n\r\n".encode())
            for _ in range(count):
                client.sendall(block)
            received = 0
            while received < count << 20:
                received += len(client.recv(1 << 20))
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            peak_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        process.terminate()
    assert len(provider.requests[0].body) == count << 20
    assert peak_kb < 260 * 1024, f"{peak_kb} kB"


def test_stop_lets_an_answer_that_is_complete_reach_its_client(
    proxy: RunningProxy, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upstream is done with it; the client reads it more slowly than it came, and the system holds little of it."""
    made = Inbound.connection_made

    def narrow(connection: Inbound, transport: Any) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(connection, transport)

    monkeypatch.setattr(Inbound, "connection_made", narrow)
    body = b"x" * 300_000
    provider.script(wires.http(200, (("content-type", "text/plain"),), body))
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        sock.sendall(f"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
        received = sock.recv(1000)
        stopping = threading.Thread(target=lambda: proxy.server.stop(timeout=5))
        stopping.start()
        while data := sock.recv(4096):
            received += data
            time.sleep(0.001)
        stopping.join()
    assert received.endswith(b"\r\n\r\n" + body)
