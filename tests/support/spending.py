"""Processes that spend against a budget, as parallel proxies would."""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace
from pathlib import Path

from codesession.app import App
from codesession.domain.budget import CallDemand, Decision, Spender
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.services.budgets.advances import Advances

MODEL = "claude-sonnet-4-5"
DEMAND = CallDemand(
    provider_name="anthropic", api="anthropic.messages", model=MODEL, input_tokens=600, output_tokens=100
)
"""At most 600 x $3 + 100 x $15 per million tokens: $0.0033."""


def app_of(ledger: Path) -> App:
    """Services over a ledger of the test, with prices that nobody changed."""
    environment = {"HOME": str(ledger.parent), "CODESESSION_DB_PATH": str(ledger), "TZ": "UTC"}
    return App(environment, ledger.parent)


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


def finished(session_id: int | None, reservation: str | None, name: str, *, output: int, at_ms: int) -> Observation:
    """A call that is over, as the proxy hands it to the ledger."""
    usage = TokenUsage(input_tokens=random.randint(1, 600), output_tokens=output)
    response = ModelResponse(
        provider_name="anthropic",
        api="anthropic.messages",
        request_model=MODEL,
        response_model=MODEL,
        response_id=name,
        parts=(UsagePart(usage=usage),),
    )
    context = CallContext(source=Source.PROXY, started_at_ms=at_ms, session_id=session_id, reservation=reservation)
    return Observation(response=response, context=context)


def spend(ledger: str, session_id: int, calls: int, *, in_advance: bool = False) -> dict[str, int]:
    """Ask for so many calls, one after the other, as a proxy would; make those that may go."""
    app = app_of(Path(ledger))
    stock = Advances()
    told = {"go": 0, "stop": 0, "advance": 0}
    for number in range(calls):
        at_ms = now_ms()
        ticket = _in_advance(app, stock, session_id, at_ms) if in_advance else None
        if ticket is None:
            decision, ticket = _one_by_one(app, stock, session_id, at_ms)
            if ticket is not None:
                stock.note(app.budgets.whole(Spender(session_id=session_id)), app.budgets.estimate(DEMAND, at_ms))
        else:
            decision = Decision.GO
            told["advance"] += 1
        told[str(decision)] += 1
        if decision is Decision.GO:
            name = f"msg_{os.getpid()}_{number}"
            output = random.choice((1, 100, 100))
            observation = finished(session_id, ticket, name, output=output, at_ms=at_ms)
            if random.random() < 0.02:  # the client left, nothing was made: its money is given back
                if ticket is not None:
                    app.budgets.release(ticket)
                continue
            app.recording.record([observation])
    stock.give_back(app.budgets)
    app.close()
    return told


def _in_advance(app: App, stock: Advances, session_id: int, at_ms: int) -> str | None:
    spender = app.budgets.whole(Spender(session_id=session_id))
    ticket = stock.take(app.budgets, spender, app.budgets.estimate(DEMAND, at_ms), DEMAND, None, at_ms)
    if stock.are_due():
        stock.tend(app.budgets, at_ms)
    return ticket


def _one_by_one(app: App, stock: Advances, session_id: int, at_ms: int) -> tuple[Decision, str | None]:
    """While it waits for others, what it has set aside itself is given back, as a proxy's thread does."""
    while True:
        ruling = app.budgets.request(Spender(session_id=session_id), DEMAND, None, at_ms)
        if ruling.decision is not Decision.WAIT:
            return ruling.decision, ruling.reservation
        if stock.are_due():
            stock.tend(app.budgets, now_ms())
        time.sleep(0.002)


def hold(ledger: str, session_id: int) -> None:
    """Reserve for three calls and wait to be killed."""
    app = app_of(Path(ledger))
    for _ in range(3):
        app.budgets.request(Spender(session_id=session_id), replace(DEMAND, output_tokens=1_000), "conv-1", now_ms())
    print("reserved", flush=True)
    time.sleep(60)
