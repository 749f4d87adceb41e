"""A real `cs proxy` in bad company: crowds, broken providers, huge and tiny bodies, a ledger that comes and goes."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import os
import random
import resource
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codesession.services.spool import Spool
from support import wires
from support.crowd import Crowd, allow_files, can_see_memory, open_stream, proxy_process, resident_mb
from support.fake_provider import End, FakeProvider, Script, SeenRequest
from support.shell import Shell

CROWD = 1_000
MEMORY_MB = 150

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits and memory are Linux's own")


def calls(shell: Shell) -> list[tuple[str, str, int | None]]:
    """Every call in the ledger: id, how complete, output tokens."""
    ledger = sqlite3.connect(shell.ledger)
    rows = ledger.execute("SELECT response_id, usage_status, output_tokens FROM model_requests").fetchall()
    ledger.close()
    return rows


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(port: int, body: bytes = b'{"model":"claude-sonnet-4-5"}', timeout: float = 20) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", "/p/anthropic/v1/messages", body=body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.skipif(not can_see_memory(), reason="this system does not say how much memory a process has")
def test_a_thousand_streams_at_once_stay_small_and_are_counted_once_each(shell: Shell) -> None:
    """In a shell that allows 256 open files; every stream gets its bytes, and memory stays below the bound."""
    allow_files(CROWD * 2 + 200)

    async def run() -> float:
        async with Crowd().serving() as crowd:
            url = f"http://127.0.0.1:{crowd.port}"
            with proxy_process(shell, url, files=256) as (process, port):
                streams = await asyncio.gather(*(open_stream(port) for _ in range(CROWD)))
                memory = resident_mb(process.pid)
                crowd.let_go.set()
                rest = await asyncio.gather(*(reader.readuntil(b"0\r\n\r\n") for reader, _ in streams))
                assert all(b"message_stop" in each and "héllo".encode() in each for each in rest)
                for _, hang_up in streams:
                    hang_up()
            return memory

    memory = asyncio.run(asyncio.wait_for(run(), 60))
    assert sorted(calls(shell)) == sorted((f"msg_{n}", "complete", 50) for n in range(1, CROWD + 1))
    assert memory < MEMORY_MB


def misbehave(request: SeenRequest) -> Script:
    """Stall, reset, lie about the length, send garbage, or answer well, by what the path asks for."""
    well = wires.answer(request)
    whole = b"".join(step for step in well if isinstance(step, bytes))
    ways: dict[str, Script] = {
        "stall": [whole[:300], 60.0],
        "silent": [60.0],
        "reset": [whole[: len(whole) // 2], End.RESET],
        "gone": [End.CLOSE],
        "garbage": [b"\x00\xff" * 5_000, End.CLOSE],
        "bad chunk": [wires.head(200, ()), b"zz\r\nnonsense", End.CLOSE],
        "short": [b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{", End.CLOSE],
        "garbage events": [*wires.stream([b"data: {\xff\xfe\n\n", b"data: [[[[\n\n", b"\n\n\n:\n"])],
    }
    return ways.get(request.header("x-way") or "", well)


WAYS = ("stall", "silent", "reset", "gone", "garbage", "bad chunk", "short", "garbage events")


def attempt(port: int, way: str | None) -> bytes:
    """One call that is given up after a moment; whatever arrived of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=0.3 if way else 20)
    received = b""
    try:
        body = b'{"model":"claude-sonnet-4-5","stream":true}'
        connection.request("POST", "/p/anthropic/v1/messages", body=body, headers={"x-way": way or ""})
        response = connection.getresponse()
        while piece := response.read1(65536):
            received += piece
    except (OSError, http.client.HTTPException):
        return received
    finally:
        connection.close()
    return received


@pytest.mark.timeout(60)
def test_among_providers_that_misbehave_good_calls_pass_and_are_counted(shell: Shell) -> None:
    """Every way five times, shuffled, a good call after each; stalled ones hang beside them all the while."""
    ways = [way for way in WAYS for _ in range(5)]
    random.Random(3).shuffle(ways)
    with FakeProvider(respond=misbehave) as provider, proxy_process(shell, provider.url) as (process, port):
        stalled = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for each in stalled:
            each.sendall(
                b"POST /p/anthropic/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nx-way: stall\r\n"
                b"content-length: 2\r\n\r\n{}" % port
            )
        for way in ways:
            attempt(port, way)
            assert b"message_stop" in attempt(port, None)
        assert process.poll() is None
        for each in stalled:
            each.close()
    known = [row for row in calls(shell) if not row[0].startswith("~")]
    complete = [row for row in known if row[1] == "complete"]
    assert len(complete) == 1, "the same answer is one call"
    assert complete[0][2] == 45


@pytest.mark.timeout(90)
def test_a_hundred_megabytes_pass_both_ways_unchanged(shell: Shell) -> None:
    """A request and an answer of that size, streamed: memory does not grow with them."""
    body = random.Random(1).randbytes(1024 * 1024) * 100
    digest = hashlib.sha256(body).hexdigest()
    arrived: list[str] = []

    def respond(request: SeenRequest) -> Script:
        arrived.append(hashlib.sha256(request.body).hexdigest())
        return [b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body), body]

    with FakeProvider(respond=respond) as provider, proxy_process(shell, provider.url) as (process, port):
        status, received = post(port, body, timeout=60)
        if can_see_memory():
            assert resident_mb(process.pid) < 400
    assert (status, arrived) == (200, [digest])
    assert hashlib.sha256(received).hexdigest() == digest


@pytest.mark.timeout(90)
def test_a_million_tiny_chunks_pass_in_order(shell: Shell) -> None:
    """One event of a stream, its bytes and its end each a chunk of their own, over and over."""
    event = b'data: {"type":"ping"}\n\n'
    count = 1_000_000 // len(event)
    tiny = b"".join(wires.chunk(event[n : n + 1]) for n in range(len(event)))
    head = wires.head(200, (("content-type", "text/event-stream"),))
    answer = [head, *[tiny * 100] * (count // 100), wires.LAST_CHUNK]
    with FakeProvider(respond=lambda _: answer) as provider, proxy_process(shell, provider.url) as (_, port):
        status, received = post(port, timeout=60)
    assert status == 200
    assert received == event * (count // 100 * 100)


def is_usage_chunk(event: bytes) -> bool:
    """What a client that did not ask for it must not see."""
    data = event.rpartition(b"data: ")[2]
    return b"[DONE]" not in data and json.loads(data).get("choices") == []


@pytest.mark.parametrize(
    ("path", "body", "output"),
    [
        ("/p/anthropic/v1/messages", b'{"model":"claude-sonnet-4-5","stream":true}', 45),
        ("/p/openai/v1/chat/completions", b'{"model":"gpt-5.1","stream":true}', 50),
    ],
    ids=["anthropic", "chat with the usage option"],
)
def test_a_stream_cut_at_every_byte_passes_and_is_read_right(shell: Shell, path: str, body: bytes, output: int) -> None:
    """Each byte its own packet: characters of several bytes, events and chunk heads are all cut in the middle."""

    def respond(request: SeenRequest) -> Script:
        whole = b"".join(step for step in wires.answer(request) if isinstance(step, bytes))
        return [whole[n : n + 1] for n in range(len(whole))]

    with FakeProvider(respond=respond) as provider, proxy_process(shell, provider.url) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", path, body=body)
        received = connection.getresponse().read()
        connection.close()
        seen = provider.requests[0]
    sent = wires.answer(seen)
    events = [step.partition(b"\r\n")[2][:-2] for step in sent[1:-1] if isinstance(step, bytes)]
    assert received == b"".join(event for event in events if not is_usage_chunk(event))
    assert [(row[1], row[2]) for row in calls(shell)] == [("complete", output)]


# the ledger while calls run


@pytest.fixture
def busy(shell: Shell) -> Iterator[tuple[Callable[[], None], int, Shell]]:
    """A proxy over a ledger with one call in it; the function makes another one and checks its bytes and its time."""
    shell.ok("start", "task", "--json")
    made = iter(range(1, 1_000))

    def respond(_: SeenRequest) -> Script:
        body = b'{"id":"m%d","type":"message","model":"x","usage":{"input_tokens":5,"output_tokens":7}}' % next(made)
        return [wires.http(200, (("content-type", "application/json"),), body)]

    with FakeProvider(respond=respond) as provider, proxy_process(shell, provider.url) as (process, port):

        def call() -> None:
            begin = time.monotonic()
            status, body = post(port)
            assert (status, body[:7]) == (200, b'{"id":"')
            assert time.monotonic() - begin < 5

        call()
        until(lambda: len(calls(shell)) == 1)
        yield call, process.pid, shell


Busy = tuple[Callable[[], None], int, Shell]


def ids(shell: Shell) -> list[str]:
    return sorted((row[0] for row in calls(shell)), key=lambda name: int(name[1:]))


def test_a_locked_ledger_delays_no_call_and_gets_them_when_it_is_free(busy: Busy) -> None:
    """They wait on disk, where a kill cannot reach them, and are handed over without any further call."""
    call, _, shell = busy
    holder = sqlite3.connect(shell.ledger, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        call()
    until(lambda: Spool(shell.ledger).waiting() == 5)
    holder.execute("ROLLBACK")
    holder.close()
    until(lambda: len(calls(shell)) == 6)
    assert ids(shell) == [f"m{n}" for n in range(1, 7)]
    assert shell.ok("status", "--json")["aiCalls"] == 6


def test_a_kill_while_calls_wait_loses_none(busy: Busy) -> None:
    """The next command takes them in."""
    call, pid, shell = busy
    holder = sqlite3.connect(shell.ledger, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        call()
    until(lambda: Spool(shell.ledger).waiting() == 3)
    os.kill(pid, 9)
    holder.execute("ROLLBACK")
    holder.close()
    assert shell.ok("status", "--json")["aiCalls"] == 4


def test_a_ledger_that_is_deleted_leaves_the_calls_to_the_next_one(busy: Busy) -> None:
    """Their session is gone with the old ledger: they are unattributed, not given to another."""
    call, _, shell = busy
    for file in shell.ledger.parent.glob("sessions.db*"):
        file.unlink()
    for _ in range(3):
        call()
    until(lambda: Spool(shell.ledger).waiting() == 3)
    assert not shell.ledger.exists()
    shell.ok("start", "another", "--json")
    assert ids(shell) == ["m2", "m3", "m4"]
    assert shell.ok("status", "--json")["aiCalls"] == 0


@linux
def test_a_full_disk_costs_no_call_and_no_record_once_there_is_room(busy: Busy) -> None:
    """Neither ledger nor spool can be written: calls are held in memory, and counted when that is all there is."""
    call, pid, shell = busy
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    for _ in range(4):
        call()
    time.sleep(0.3)
    assert len(calls(shell)) == 1
    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    until(lambda: len(calls(shell)) == 5)
    assert ids(shell) == [f"m{n}" for n in range(1, 6)]


def test_a_damaged_ledger_costs_no_call_and_a_restored_one_gets_them(busy: Busy, tmp_path: Path) -> None:
    """Its file is overwritten while it is open, then put back from a copy."""
    call, _, shell = busy
    copy = tmp_path / "copy.db"
    with sqlite3.connect(shell.ledger) as raw, sqlite3.connect(copy) as target:
        raw.backup(target)
    raw.close()
    target.close()
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"\xa5" * 200_000)
    for ending in ("-wal", "-shm"):
        shell.ledger.with_name(f"sessions.db{ending}").unlink(missing_ok=True)
    os.replace(broken, shell.ledger)
    for _ in range(3):
        call()
    until(lambda: Spool(shell.ledger).waiting() == 3)
    os.replace(copy, shell.ledger)
    until(lambda: len(calls(shell)) == 4)
    assert ids(shell) == ["m1", "m2", "m3", "m4"]
