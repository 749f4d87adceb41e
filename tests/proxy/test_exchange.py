"""One call when things go wrong: clients that leave, providers that fail, budgets that say stop."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time

import pytest

from codesession.domain.request import Observation
from codesession.errors import StorageError
from codesession.proxy import inbound
from codesession.proxy.gate import Admission, PendingCall, Refusal, Wait
from support import wires
from support.fake_provider import End, FakeProvider
from support.proxies import RunningProxy, StartProxy

BODY = b'{"model":"claude-sonnet-4-5","max_tokens":64,"stream":true,"messages":[]}'


def connect(proxy: RunningProxy, path: str = "/v1/messages", body: bytes = BODY) -> socket.socket:
    """Send a request and leave the answer to the test."""
    sock = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    sock.sendall(head.encode() + body)
    return sock


def read_all(sock: socket.socket) -> bytes:
    """Everything until the connection ends, however it ends."""
    received = b""
    try:
        while data := sock.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_client_that_leaves_ends_the_call_upstream_and_leaves_a_lower_bound(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """The input is known from the first event; the model must not go on writing for nobody."""
    script = wires.stream(wires.anthropic_events())
    provider.script(*script[:4], threading.Event())
    with connect(proxy) as sock:
        while b"content_block_start" not in sock.recv(65536):
            pass
    assert provider.hung_up.wait(2)
    observation = proxy.recorder.one()
    assert observation.response.response_id == "msg_stream"
    assert not observation.response.complete
    assert observation.response.usage is not None
    assert observation.response.usage.input_tokens == wires.ANTHROPIC_INPUT
    assert proxy.server.diagnostics.counts["client_gone"] == 1
    assert proxy.log == []


def test_a_client_that_leaves_before_any_answer_leaves_an_unknown_cost(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """The provider had the whole request and may bill it."""
    provider.script(threading.Event())
    sock = connect(proxy)
    while not provider.requests:
        time.sleep(0.005)
    sock.close()
    assert provider.hung_up.wait(2)
    observation = proxy.recorder.one()
    assert observation.response.request_model == "claude-sonnet-4-5"
    assert (observation.response.usage, observation.response.complete) == (None, False)
    assert observation.context.status_code is None


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_provider_that_hangs_up_before_any_answer_leaves_an_unknown_cost(
    proxy: RunningProxy, provider: FakeProvider, end: End
) -> None:
    """It, too, had the whole request and may bill it."""
    provider.script(end)
    assert proxy.call("POST", "/v1/messages", BODY)[0] == 502
    response = proxy.recorder.one().response
    assert (response.request_model, response.usage, response.complete) == ("claude-sonnet-4-5", None, False)
    told = "Connection reset by peer" if end is End.RESET else "it closed the connection"
    assert proxy.log == [f"upstream failed: {provider.url}: {told}"]


def test_a_client_that_leaves_in_the_middle_of_its_request_leaves_nothing(
    start_proxy: StartProxy, provider: FakeProvider
) -> None:
    """Neither small nor streamed: nothing was asked."""
    proxy = start_proxy(buffered_body_bytes=1000)
    for sent in (100, 100_000):
        sock = socket.create_connection(("127.0.0.1", proxy.port))
        head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\nContent-Length: 1000000\r\n\r\n"
        sock.sendall(head.encode() + b"x" * sent)
        time.sleep(0.05)
        sock.close()
    assert proxy.recorder.none()
    assert proxy.call("GET", "/v1/models")[0] == 200
    assert proxy.log == []


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_stream_that_breaks_off_is_cut_for_the_client_too(
    proxy: RunningProxy, provider: FakeProvider, end: End
) -> None:
    """A clean end would make half an answer look whole."""
    script = wires.stream(wires.anthropic_events())
    provider.script(*script[:6], 0.05, end)
    with connect(proxy) as sock:
        received = read_all(sock)
    assert b"message_start" in received
    assert not received.endswith(wires.LAST_CHUNK)
    response = proxy.recorder.one().response
    assert not response.complete
    assert response.usage is not None
    assert proxy.server.diagnostics.counts["upstream_failed"] == 1


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_body_shorter_than_its_length_is_not_passed_off_as_whole(
    proxy: RunningProxy, provider: FakeProvider, end: End
) -> None:
    """Half a JSON answer carries no usage: the cost is unknown."""
    whole = wires.http(200, (("content-type", "application/json"),), json.dumps(wires.anthropic_body()).encode())
    provider.script(whole[:-50], 0.05, end)
    with connect(proxy) as sock:
        assert read_all(sock).lower().endswith(whole[-60:-50].lower())
    response = proxy.recorder.one().response
    assert (response.usage, response.complete) == (None, False)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/messages", {"type": "error"}),
        ("/v1/chat/completions", {}),
        ("/v1beta/models/m:generateContent", {}),
        ("/v1/models", {}),
    ],
)
def test_an_unreachable_provider_is_a_502_in_its_own_shape(
    start_proxy: StartProxy, path: str, shape: dict[str, str]
) -> None:
    """Without details for the client; the log names the host and no query."""
    dead = f"http://127.0.0.1:{free_port()}"
    proxy = start_proxy(bases=dict.fromkeys(("anthropic", "openai", "google"), dead))
    method = "GET" if path == "/v1/models" else "POST"
    status, headers, body = proxy.call(method, f"{path}?key=SECRET", BODY if method == "POST" else None)
    value = json.loads(body)
    assert (status, headers["content-type"]) == (502, "application/json")
    assert value["error"]["message"] == "upstream connection failed"
    assert shape.items() <= value.items()
    assert proxy.recorder.none()
    assert len(proxy.log) == 1
    assert dead in proxy.log[0]
    assert "SECRET" not in proxy.log[0]


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\x01garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nbroken"]
)
def test_a_provider_that_speaks_no_http_is_a_502(proxy: RunningProxy, provider: FakeProvider, answer: bytes) -> None:
    """And nothing is sent twice; what it did with the request is not known."""
    provider.script(answer, End.CLOSE)
    assert proxy.call("POST", "/v1/messages", BODY)[0] == 502
    assert len(provider.requests) == 1
    assert proxy.recorder.one().response.usage is None


def test_a_get_is_not_repeated_on_a_dead_connection_either(proxy: RunningProxy, provider: FakeProvider) -> None:
    """No retries: the client decides."""
    proxy.call("GET", "/v1/models")
    provider.script(End.CLOSE)
    assert proxy.call("GET", "/v1/models")[0] == 502
    assert len(provider.requests) == 2


def test_a_silent_provider_is_given_up_after_the_idle_time(start_proxy: StartProxy, provider: FakeProvider) -> None:
    """Long by default, so shortened here."""
    proxy = start_proxy(idle_timeout_s=0.2)
    provider.script(threading.Event())
    assert proxy.call("POST", "/v1/messages", BODY)[0] == 502


def test_a_stream_may_last_longer_than_the_idle_time(start_proxy: StartProxy, provider: FakeProvider) -> None:
    """Only silence counts, there is no limit for the whole."""
    proxy = start_proxy(idle_timeout_s=0.3)
    script = wires.stream(wires.anthropic_events())
    provider.script(script[0], *[step for part in script[1:] for step in (0.05, part)])
    assert proxy.call("POST", "/v1/messages", BODY)[2] == b"".join(wires.anthropic_events())


@pytest.mark.parametrize("status", [400, 401, 429, 500, 529])
def test_an_error_of_the_provider_passes_and_is_not_recorded(
    proxy: RunningProxy, provider: FakeProvider, status: int
) -> None:
    """It cost nothing."""
    error = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    provider.script(wires.http(status, (("content-type", "application/json"), ("retry-after", "3")), error))
    got, headers, body = proxy.call("POST", "/v1/messages", BODY)
    assert (got, headers["retry-after"], body) == (status, "3", error)
    assert proxy.recorder.none()


def test_an_early_answer_to_a_large_upload_reaches_the_client(start_proxy: StartProxy) -> None:
    """413 while the client is still sending."""
    proxy_config = {"buffered_body_bytes": 1000}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = start_proxy(bases={"anthropic": f"http://127.0.0.1:{listener.getsockname()[1]}"}, **proxy_config)

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(wires.http(413, (("connection", "close"),), b"too large"))
                time.sleep(0.2)

        threading.Thread(target=refuse, daemon=True).start()
        sock = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
        head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\nContent-Length: 9000000\r\n\r\n"
        sock.sendall(head.encode() + b"x" * 5000)
        assert b"413" in sock.recv(1000)
        sock.close()


def test_a_client_that_cuts_an_upload_nobody_reads_is_gone(
    start_proxy: StartProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upstream that takes nothing lets the client wait, unread: its reset ends both connections all the same."""
    monkeypatch.setattr(inbound, "_LOOK_S", 0.02)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bases = {"anthropic": f"http://127.0.0.1:{listener.getsockname()[1]}"}
        proxy = start_proxy(bases=bases, buffered_body_bytes=1000)
        sock = socket.create_connection(("127.0.0.1", proxy.port), timeout=0.2)
        head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\nContent-Length: {10**9}\r\n\r\n"
        sock.sendall(head.encode())
        with pytest.raises(TimeoutError):
            while True:
                sock.sendall(b"x" * 1_000_000)
        upstream, _ = listener.accept()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        with upstream:
            end = time.monotonic() + 5
            while not proxy.server.diagnostics.counts["client_gone"]:
                assert time.monotonic() < end
                time.sleep(0.01)


def test_a_failing_recorder_or_session_lookup_does_not_touch_the_call(proxy: RunningProxy) -> None:
    """Capture fails open, and says so."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    proxy.sessions.resolve_session = fail  # type: ignore[assignment,method-assign]  # breaks on purpose
    proxy.recorder.submit = fail  # type: ignore[assignment,method-assign]
    status, _, body = proxy.call("POST", "/s/7/anthropic/v1/messages", BODY)
    assert (status, body) == (200, b"".join(wires.anthropic_events()))
    time.sleep(0.05)
    assert proxy.log == ["session unknown: RuntimeError", "not recorded: RuntimeError"]


class Budget:
    """A gate with a fixed verdict."""

    def __init__(self, verdict: Admission | Refusal | Exception, *before: Wait) -> None:
        self.verdict = verdict
        self.before = list(before)
        self.asked: list[PendingCall] = []
        self.settled: list[tuple[Admission, Observation | None]] = []
        self.done = threading.Event()
        self.threads: set[str] = set()
        self.asked_on = ""

    def armed(self) -> bool:
        self.asked_on = threading.current_thread().name
        return True

    def wants_tending(self) -> bool | None:
        return None

    def tend(self) -> None:
        pass

    def close(self) -> None:
        pass

    def admit_at_once(self, call: PendingCall) -> Admission | None:
        return None

    def admit(self, call: PendingCall) -> Admission | Wait | Refusal:
        self.asked.append(call)
        if self.before:
            return self.before.pop()
        self.threads.add(threading.current_thread().name)
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        self.settled.append((admission, observation))
        self.done.set()

    def cut(self, admission: Admission, call: PendingCall, seconds: float) -> None:
        pass


def test_an_admitted_call_passes_and_is_settled(start_proxy: StartProxy) -> None:
    """The gate sees model and limit before, and the observation with its own ticket after."""
    gate = Budget(Admission(ticket="t1"))
    proxy = start_proxy(gate=gate)
    assert proxy.call("POST", "/s/7/anthropic/v1/messages", BODY, {"user-agent": "claude-cli/2.1"})[0] == 200
    assert gate.done.wait(2)
    (asked,) = gate.asked
    assert (asked.demand.provider_name, asked.demand.api, asked.demand.model) == (
        "anthropic",
        "anthropic.messages",
        "claude-sonnet-4-5",
    )
    assert (asked.demand.output_tokens, asked.context.session_id) == (64, 7)
    ((admission, observation),) = gate.settled
    assert (admission.ticket, observation) == ("t1", proxy.recorder.one())
    assert not any(name.startswith("codesession-proxy") for name in gate.threads)


def test_a_call_that_waited_counts_for_the_moment_it_was_let_go(start_proxy: StartProxy) -> None:
    """It may have come before midnight: the budget of the new day let it go, and is charged."""
    gate = Budget(Admission(ticket="t1", at_ms=1_900_000_000_000), Wait(seconds=0))
    proxy = start_proxy(gate=gate)
    assert proxy.call("POST", "/s/7/anthropic/v1/messages", BODY)[0] == 200
    context = proxy.recorder.one().context
    assert (context.started_at_ms, context.reservation, len(gate.asked)) == (1_900_000_000_000, "t1", 2)


@pytest.mark.parametrize("far", [False, True])
def test_a_ledger_on_a_server_holds_up_nobody_else(start_proxy: StartProxy, far: bool) -> None:
    """Even the first look at budgets is taken on another thread than all calls share; a file is looked at at once."""
    gate = Budget(Admission())
    proxy = start_proxy(gate=gate, ledger_is_far=far)
    assert proxy.call("POST", "/s/7/anthropic/v1/messages", BODY)[0] == 200
    assert gate.asked_on.startswith("codesession-proxy") is not far


def test_a_client_that_leaves_while_the_budget_is_asked_gives_its_share_back(
    start_proxy: StartProxy, provider: FakeProvider
) -> None:
    """Nothing was forwarded, so nothing stays reserved."""
    gate = Budget(Admission(ticket="t2"))
    asked, answer = threading.Event(), threading.Event()

    def slow(_call: PendingCall) -> Admission | Refusal:
        asked.set()
        answer.wait(5)
        return Admission(ticket="t2")

    gate.admit = slow  # type: ignore[method-assign]  # slower on purpose
    proxy = start_proxy(gate=gate)
    sock = connect(proxy)
    assert asked.wait(2)
    sock.close()
    time.sleep(0.05)
    answer.set()
    assert gate.done.wait(2)
    assert gate.settled == [(Admission(ticket="t2"), None)]
    assert provider.requests == []
    assert proxy.recorder.none()


@pytest.mark.parametrize(("path", "kind"), [("/v1/messages", "permission_error"), ("/v1/responses", "proxy_error")])
def test_a_refused_call_never_reaches_the_provider(
    start_proxy: StartProxy, provider: FakeProvider, path: str, kind: str
) -> None:
    """The agent is told why, in words, and not to try again."""
    proxy = start_proxy(gate=Budget(Refusal(message="budget of $1 is reached")))
    status, headers, body = proxy.call("POST", path, BODY)
    error = json.loads(body)["error"]
    assert (status, headers["x-should-retry"]) == (403, "false")
    assert (error["message"], error["type"], error["code"]) == ("budget of $1 is reached", kind, "budget_exceeded")
    assert provider.requests == []
    assert proxy.recorder.none()


def test_what_is_not_billed_is_not_gated(start_proxy: StartProxy) -> None:
    """Counting tokens is free."""
    gate = Budget(Refusal(message="no"))
    assert start_proxy(gate=gate).call("POST", "/v1/messages/count_tokens", BODY)[0] == 200
    assert gate.asked == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [(RuntimeError("a secret"), "RuntimeError"), (StorageError("the disk is full"), "the disk is full")],
)
def test_a_failing_gate_lets_the_call_pass(start_proxy: StartProxy, error: Exception, reason: str) -> None:
    """Only a budget that says stop stops a call; that none was asked is said, in words of ours only."""
    proxy = start_proxy(gate=Budget(error))
    assert proxy.call("POST", "/v1/messages", BODY)[0] == 200
    assert proxy.log == [f"budgets not asked: {reason}; the call went on"]
    assert proxy.recorder.one().response.complete


def test_calls_at_the_same_time_do_not_mix(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Fifty sub-agents at once, each with its own session and answer."""

    def respond(request: object) -> list[bytes]:
        number = json.loads(provider_body(request))["n"]
        answer = {**wires.anthropic_body(), "id": f"msg_{number}"}
        return [wires.http(200, (("content-type", "application/json"),), json.dumps(answer).encode())]

    provider.respond = respond  # type: ignore[assignment]  # narrower on purpose
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        body = json.dumps({"model": "m", "n": number}).encode()
        _, _, received = proxy.call("POST", f"/s/{7 if number % 2 else 'tok-8'}/anthropic/v1/messages", body)
        answers[number] = json.loads(received)["id"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"msg_{number}" for number in range(50)}
    for observation in proxy.recorder.wait(50):
        number = int((observation.response.response_id or "").removeprefix("msg_"))
        assert observation.context.session_id == (7 if number % 2 else 8)


def provider_body(request: object) -> bytes:
    """The body of a request that the fake provider saw."""
    return request.body  # type: ignore[attr-defined,no-any-return]  # a SeenRequest
