"""
The proxy's proof of itself: known bytes through a running proxy to a loopback echo, and a comparison.

Everything is the real server with its real settings; only the far end is ours, so that both ends are known.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from codesession.domain.finding import Finding, failed, judged
from codesession.domain.request import Observation
from codesession.proxy.config import ProxyConfig
from codesession.proxy.echo import ANSWER_HEADERS, INPUT_TOKENS, OUTPUT_TOKENS, Echo
from codesession.proxy.server import ProxyServer
from codesession.proxy.socket import bind_socket
from codesession.proxy.upstreams import configured_upstreams

LATENCY_GOAL_MS = 10.0
"""Added per call at the median; far more than it takes, far less than a person or a model notices."""
ROUNDS = 40
_BODY = bytes(range(256)) * 4096 + "é🤖".encode()
_HEADERS = (
    ("content-type", "application/octet-stream"),
    ("x-api-key", "sk-check-up"),
    ("anthropic-version", "2023-06-01"),
    ("anthropic-beta", "one"),
    ("anthropic-beta", "two"),
    ("accept-encoding", "gzip, br, zstd"),
    ("user-agent", "check-up/1.0"),
    ("x-mixed", "caf\u00e9 \u00a0 end"),
)
_OURS_BY_HTTP = frozenset(("host", "date", "server", "connection", "transfer-encoding", "content-length"))
"""Headers that belong to one connection, or that each server writes itself."""


class _Recorder:
    """Keeps what the proxy saw, and lets the check-up wait for it."""

    def __init__(self) -> None:
        self._seen: list[Observation] = []
        self._more = threading.Condition()

    def submit(self, observation: Observation) -> None:
        with self._more:
            self._seen.append(observation)
            self._more.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._seen)

    def take(self) -> Observation | None:
        """The next one, for at most five seconds."""
        with self._more:
            self._more.wait_for(lambda: bool(self._seen), timeout=5)
            return self._seen.pop(0) if self._seen else None


@dataclass(frozen=True, slots=True)
class Bench:
    """A running proxy between us and the echo."""

    echo: Echo
    port: int
    recorder: _Recorder
    inject_usage: bool


def run_checkup(*, inject_usage: bool) -> list[Finding]:
    """Every check, each a line; one that breaks is a FAIL of its own. Raises `UnavailableError` if nothing starts."""
    with Echo() as echo, serving(_config(echo, inject_usage), recorder := _Recorder()) as port:
        bench = Bench(echo, port, recorder, inject_usage)
        return [_guarded(name, check, bench) for name, check in _CHECKS.items()]


@contextmanager
def serving(config: ProxyConfig, recorder: _Recorder | None = None) -> Iterator[int]:
    """A proxy of this configuration on a free port."""
    server = ProxyServer(config, recorder or _Recorder())
    sock = bind_socket(0)
    port = int(sock.getsockname()[1])
    server.serve_in_thread(sock)
    try:
        server.wait_ready()
        yield port
    finally:
        server.stop(timeout=1)


def _config(echo: Echo, inject_usage: bool) -> ProxyConfig:
    upstreams = configured_upstreams(dict.fromkeys(("anthropic", "openai", "echo"), echo.url))
    return ProxyConfig(upstreams=upstreams, inject_usage=inject_usage, log=lambda _line: None)


def _guarded(name: str, check: Callable[[Bench], Finding], bench: Bench) -> Finding:
    try:
        return check(bench)
    except Exception as error:  # a check-up reports what is broken, whatever it is
        return failed(name, f"could not be checked: {type(error).__name__}: {error}")


def _bytes_both_ways(bench: Bench) -> Finding:
    answer = ask(bench.port, "POST", "/p/echo/any?q=%2F%00&b=1", _BODY, _HEADERS)
    sent, got = hashlib.sha256(_BODY).hexdigest(), hashlib.sha256(answer.body).hexdigest()
    seen = bench.echo.seen[-1]
    same = sent == seen.sha256 == got and seen.target == "/any?q=%2F%00&b=1"
    text = f"{len(_BODY):,} bytes: sha256 sent {sent[:12]}, arrived {seen.sha256[:12]}, came back {got[:12]}"
    return judged(same, "bytes", text, bytes=len(_BODY), sent=sent, arrived=seen.sha256, returned=got)


def _headers_both_ways(bench: Bench) -> Finding:
    answer = ask(bench.port, "POST", "/p/echo/headers", b"x", _HEADERS)
    arrived = [(name.lower(), value) for name, value in bench.echo.seen[-1].headers]
    lost = difference(_HEADERS, arrived) + difference(ANSWER_HEADERS, answer.headers)
    added = difference(arrived, _HEADERS) + difference(answer.headers, ANSWER_HEADERS)
    text = f"{len(_HEADERS)} out, {len(ANSWER_HEADERS)} back, in order; host names the upstream"
    if lost or added:
        text = f"lost: {', '.join(lost) or 'none'}; added: {', '.join(added) or 'none'}"
    return judged(not lost and not added, "headers", text, lost=lost, added=added)


def _latency(bench: Bench) -> Finding:
    direct = http.client.HTTPConnection("127.0.0.1", bench.echo.port, timeout=20)
    through = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=20)
    pairs = [(_timed(direct, "/any"), _timed(through, "/p/echo/any")) for _ in range(ROUNDS)]
    direct.close()
    through.close()
    added = statistics.median(b - a for a, b in pairs[ROUNDS // 4 :]) * 1000
    text = f"{added:.2f} ms added per call at the median (up to {LATENCY_GOAL_MS:g} ms pass)"
    return judged(added <= LATENCY_GOAL_MS, "latency", text, hint="is the machine busy?", addedMs=round(added, 3))


def _timed(connection: http.client.HTTPConnection, path: str) -> float:
    begin = time.perf_counter()
    connection.request("POST", path, body=b"{}")
    connection.getresponse().read()
    return time.perf_counter() - begin


def _stream(bench: Bench) -> Finding:
    request = json.dumps({"model": "echo", "stream": True, "max_tokens": 9, "messages": []}).encode()
    arrived: list[float] = []
    whole = b""
    connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=20)
    connection.request("POST", "/p/anthropic/v1/messages", body=request)
    response = connection.getresponse()
    while chunk := response.read1(65536):
        whole += chunk
        arrived += [time.perf_counter()] * chunk.count(b"\n\n")
    connection.close()
    sent = list(bench.echo.sent_at)
    if len(arrived) != len(sent):
        return failed("stream", f"{len(sent)} events sent, {len(arrived)} arrived")
    late = [(there - here) * 1000 for here, there in zip(sent, arrived, strict=True)]
    median, held = statistics.median(late), arrived[0] > sent[-1]
    text = f"{len(sent)} events, each passed on after {median:.2f} ms at the median, {max(late):.2f} ms at most"
    ok = median <= LATENCY_GOAL_MS and not held
    return judged(ok, "stream", text, medianMs=round(median, 3), maxMs=round(max(late), 3))


def _counts(bench: Bench) -> Finding:
    """The stream before this left a call: what it cost must be what the far end said."""
    seen = bench.recorder.take()
    usage = seen.response.usage if seen is not None else None
    if usage is None:
        return failed("counting", "the call was not seen")
    right = (usage.input_tokens, usage.output_tokens) == (INPUT_TOKENS, OUTPUT_TOKENS)
    text = f"{usage.input_tokens} tokens in and {usage.output_tokens} out counted, as the far end reported"
    return judged(right, "counting", text, inputTokens=usage.input_tokens, outputTokens=usage.output_tokens)


def _exception(bench: Bench) -> Finding:
    request = b'{"model": "echo", "stream": true, "messages": [{"role": "user", "content": "\xc3\xa9"}]}'
    answer = ask(bench.port, "POST", "/p/openai/v1/chat/completions", request, ())
    arrived = bench.echo.seen[-1].body
    bench.recorder.take()
    clean = b'"choices": []' not in answer.body and answer.body.endswith(b"data: [DONE]\n\n")
    if not bench.inject_usage:
        return judged(clean and arrived == request, "usage option", "off: chat streams are not asked for their usage")
    asked = arrived.replace(b'"stream_options":{"include_usage":true},', b"", 1)
    text = "chat streams are asked for their usage (the only change ever made), and the extra chunk is taken out again"
    return judged(clean and asked == request != arrived, "usage option", text)


def _strangers(bench: Bench) -> Finding:
    attempts: Mapping[str, Sequence[tuple[str, str]]] = {
        "a foreign Host": (("host", "attacker.example"),),
        "a foreign Origin": (("origin", "https://attacker.example"),),
        "another site's page": (("sec-fetch-site", "cross-site"),),
    }
    before = len(bench.echo.seen)
    let_in = [
        what for what, headers in attempts.items() if ask(bench.port, "POST", "/p/echo/x", b"", headers).status < 400
    ]
    text = f"let in: {', '.join(let_in)}" if let_in else f"turned away: {', '.join(attempts)}"
    return judged(not let_in and len(bench.echo.seen) == before, "strangers", text)


_CHECKS: Mapping[str, Callable[[Bench], Finding]] = {
    "bytes": _bytes_both_ways,
    "headers": _headers_both_ways,
    "latency": _latency,
    "stream": _stream,
    "counting": _counts,
    "usage option": _exception,
    "strangers": _strangers,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came; header names in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def ask(port: int, method: str, path: str, body: bytes, headers: Sequence[tuple[str, str]]) -> Answer:
    """One request with exactly these headers, beside host and length."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        given = {name for name, _ in headers}
        connection.putrequest(method, path, skip_host="host" in given, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode())
        if method != "GET":
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        received = [(name.lower(), value) for name, value in response.getheaders()]
        return Answer(response.status, received, response.read())
    finally:
        connection.close()


def difference(wanted: Sequence[tuple[str, str]], found: Sequence[tuple[str, str]]) -> list[str]:
    """Names of headers that are in one and not, or not with the same values in the same order, in the other."""
    names = dict.fromkeys(name for name, _ in wanted if name not in _OURS_BY_HTTP)
    return [name for name in names if _values(wanted, name) != _values(found, name)]


def _values(headers: Sequence[tuple[str, str]], name: str) -> list[bytes]:
    """Header text as bytes: http.client and http.server read it as Latin-1, we wrote it as UTF-8."""
    return [_octets(value) for key, value in headers if key == name]


def _octets(value: str) -> bytes:
    try:
        return value.encode("latin-1").decode().encode()
    except (UnicodeEncodeError, UnicodeDecodeError):  # it is not read yet: our own text
        return value.encode()
