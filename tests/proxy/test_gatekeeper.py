"""Asking a gate off the loop: failures are handed on, and nobody queues up behind a ledger that does not answer."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field

import pytest

from codesession.domain.budget import CallDemand
from codesession.domain.request import CallContext, Observation, Source
from codesession.errors import StorageError
from codesession.proxy.calls import find_call
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.gate import Admission, PendingCall
from codesession.proxy.gatekeeper import GateFailedError, Gatekeeper

PENDING = PendingCall(
    demand=CallDemand(provider_name="x", api="openai.chat", model="m", input_tokens=1, output_tokens=1),
    context=CallContext(source=Source.PROXY, started_at_ms=0),
)


@dataclass
class Slow:
    """A gate over a ledger that somebody holds."""

    wait_s: float = 0.1
    broken: bool = True
    asked: int = 0
    settled: list[str | None] = field(default_factory=list)

    def armed(self) -> bool:
        return True

    def wants_tending(self) -> bool | None:
        return None

    def tend(self) -> None:
        pass

    def close(self) -> None:
        pass

    def admit_at_once(self, call: PendingCall) -> Admission | None:
        return None

    def admit(self, call: PendingCall) -> Admission:
        self.asked += 1
        time.sleep(self.wait_s)
        if self.broken:
            raise StorageError("locked")
        return Admission(ticket=f"t{self.asked}")

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        self.settled.append(admission.ticket)
        raise OSError("gone")

    def cut(self, admission: Admission, call: PendingCall, seconds: float) -> None:
        pass

    abandon = settle  # type: ignore[assignment]  # takes what it is given


@pytest.mark.parametrize("far", [False, True])
def test_calls_that_waited_behind_a_failure_do_not_wait_again(far: bool) -> None:
    """Fifty at once cost one patience, not fifty; the next one asks anew."""
    gate = Slow()
    keeper = Gatekeeper(gate, Diagnostics(lambda _: None), far=far)

    async def run() -> list[object]:
        first = await asyncio.gather(*(keeper.ask(PENDING) for _ in range(50)), return_exceptions=True)
        gate.broken, gate.wait_s = False, 0
        return [*first, await keeper.ask(PENDING)]

    *failed, last = asyncio.run(run())
    keeper.close()
    assert {type(error) for error in failed} == {StorageError, GateFailedError}
    assert isinstance(last, Admission)
    assert gate.asked <= 9


def test_settling_that_fails_is_reported_and_raises_nothing() -> None:
    """The call is over; closing waits for what is under way."""
    gate, diagnostics = Slow(), Diagnostics(lambda _: None)
    keeper = Gatekeeper(gate, diagnostics, far=False)
    keeper.settle(Admission(ticket="a"), None)
    keeper.close()
    assert gate.settled == ["a"]
    assert diagnostics.counts["budgets_not_updated"] == 1


def test_stored_answers_concern_nobody() -> None:
    """They have been paid for."""
    keeper = Gatekeeper(Slow(), Diagnostics(lambda _: None), far=False)
    new = find_call("POST", "/v1/responses", "https://api.openai.com")
    stored = find_call("GET", "/v1/responses/resp_1", "https://api.openai.com")
    assert new is not None
    assert asyncio.run(keeper.concerns(new))
    assert stored is None or not asyncio.run(keeper.concerns(stored))
    keeper.close()


@dataclass
class Tended(Slow):
    """A gate that wants to be looked after so many times, and whose care fails at first."""

    wishes: list[bool | None] = field(default_factory=lambda: [True, False, True, None])
    on_threads: list[str] = field(default_factory=list)
    closed: bool = False

    def wants_tending(self) -> bool | None:
        return self.wishes.pop(0)

    def tend(self) -> None:
        self.on_threads.append(threading.current_thread().name)
        if len(self.on_threads) == 1:
            raise StorageError("locked")

    def close(self) -> None:
        self.closed = True


def test_a_gate_is_looked_after_beside_the_calls_until_it_has_enough() -> None:
    """On a thread where nobody waits; a failure is reported and ends nothing; the end of the proxy is told."""
    gate, diagnostics = Tended(), Diagnostics(lambda _: None)
    keeper = Gatekeeper(gate, diagnostics, far=False)

    async def run() -> None:
        for _ in range(3):  # once at a time, however many calls there are
            keeper.let_go(PENDING)
        while gate.wishes:
            await asyncio.sleep(0.01)
        gate.wishes = [None]
        keeper.let_go(PENDING)
        while gate.wishes:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(run(), 5))
    keeper.close()
    assert len(gate.on_threads) == 2
    assert all(name.startswith("codesession-tend") for name in gate.on_threads)
    assert diagnostics.counts["budgets_not_updated"] == 1
    assert gate.closed
