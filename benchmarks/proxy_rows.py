"""
What the proxy adds to calls, recording into a real ledger and asking a budget about each: against a bare relay on
uvicorn and aiohttp, against nginx, against LiteLLM, and against nobody in between.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable

from benchmarks import proxy_ways
from benchmarks.installed import Installation
from benchmarks.measure import Row, paired
from benchmarks.proxy_load import CHAT, Target, crowd_calls, first_byte_s, interleaved

ROUNDS = 600
NGINX_SLACK_S = 0.0005
CROWD = 64
CROWD_S = 3.0
CROWD_PAIRS = 3
STREAMS = 100
FIRST_BYTE_S = 0.001
FIRST_BYTE_PAIRS = 7
MESSAGES = "/v1/messages?kind={0}"


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """All of them; a program that is not installed is named, and its row left out."""
    with (
        proxy_ways.upstream() as upstream,
        proxy_ways.ours(installation, upstream, budget=False) as free,
        proxy_ways.ours(installation, upstream) as ours,
    ):
        found = _single_calls(installation, upstream, free, ours)
        found.append(_first_byte(upstream, ours))
        found += _crowd(installation, upstream, ours)
    return found


def _single_calls(installation: Installation, upstream: int, free: int, ours: int) -> list[Row]:
    found = []
    with proxy_ways.bare(upstream) as bare, proxy_ways.nginx(installation.folder, upstream) as nginx:
        ports = {"direct": upstream, "bare": bare, "recorded": free, "budget": ours} | (
            {} if nginx is None else {"nginx": nginx}
        )
        if nginx is None:
            _say("nginx not installed")
        for kind, words in (("json", "one call"), ("stream", "one streamed call of 60 events")):
            targets = {name: Target(port, MESSAGES.format(kind)) for name, port in ports.items()}
            times = interleaved(targets, ROUNDS)
            added = {name: _added(times[name], times["direct"]) for name in ports}
            _say(f"{words}: added ms at the median: " + ", ".join(f"{n} {s * 1000:.3f}" for n, s in added.items()))
            what = f"{words} through the proxy, recorded: added latency"
            found.append(_row(what, "a bare relay that records nothing", added["recorded"], added["bare"], 1.5))
            if nginx is not None:
                bound = 2 * added["nginx"] + NGINX_SLACK_S
                what = f"{words} through the proxy, recorded, budget asked: added latency"
                found.append(_row(what, "twice that of nginx proxy_pass plus 0.5 ms", added["budget"], bound, 1.0))
    return found


def _added(through: list[float], direct: list[float]) -> float:
    return max(1e-9, statistics.median(a - b for a, b in zip(through, direct, strict=True)))


def _first_byte(upstream: int, ours: int) -> Row:
    """Through the proxy and directly in turn; the difference of the medians."""
    path = MESSAGES.format("paced")
    measured: Callable[[int], float] = lambda port: first_byte_s(Target(port, path), STREAMS, 3.0)  # noqa: E731
    pairs = [(measured(ours), measured(upstream)) for _ in range(FIRST_BYTE_PAIRS)]
    delay = statistics.median(through - direct for through, direct in pairs)
    return _row(f"first byte of a stream, {STREAMS} at once: delay", "1 ms", delay, FIRST_BYTE_S, 1.0)


def _crowd(installation: Installation, upstream: int, ours: int) -> list[Row]:
    def against(other: str, port: int, goal: float) -> Row:
        what = f"time per call at {CROWD} connections, recorded, budget asked"
        ways = Target(ours, "/p/openai/v1/chat/completions", CHAT), Target(port, "/v1/chat/completions", CHAT)
        row = paired(what, other, goal, lambda: _per_call(ways[0]), lambda: _per_call(ways[1]), CROWD_PAIRS)
        _say(f"calls per second at {CROWD} connections: {1 / row.figure:.0f}, {other}: {row.ratio / row.figure:.0f}")
        return row

    with proxy_ways.bare(upstream) as bare:
        found = [against("a bare relay that records nothing", bare, 5.0)]
    with proxy_ways.litellm(installation.folder, upstream) as litellm:
        if litellm is None:
            _say("LiteLLM not installed")
        else:
            found.append(against("LiteLLM", litellm, 0.1))
    return found


def _per_call(target: Target) -> float:
    return CROWD_S / max(1, crowd_calls(target, CROWD, CROWD_S))


def _row(what: str, against: str, seconds: float, other: float, goal: float) -> Row:
    return Row(what=what, against=against, ratio=seconds / other, goal=goal, figure=seconds)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
