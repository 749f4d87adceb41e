"""Asking a gate off the loop: failures are handed on, and nobody queues up behind a ledger that does not answer."""

from __future__ import annotations

import asyncio
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

    def tend(self) -> bool:
        return False

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

    abandon = settle  # type: ignore[assignment]  # takes what it is given


@pytest.mark.parametrize("far", [False, True])
def test_calls_that_waited_behind_a_failure_do_not_wait_again(far: bool) -> None:
    """Fifty at once cost one patience, not fifty; the next one asks anew."""
    gate = Slow()
    keeper = Gatekeeper(gate, Diagnostics(lambda _: None), far=far)

    async def run() -> list[object]:
        begin = time.monotonic()
        first = await asyncio.gather(*(keeper.ask(PENDING) for _ in range(50)), return_exceptions=True)
        assert time.monotonic() - begin < 1
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
    assert diagnostics.counts["gate_failed"] == 1


def test_stored_answers_concern_nobody() -> None:
    """They have been paid for."""
    keeper = Gatekeeper(Slow(), Diagnostics(lambda _: None), far=False)
    new = find_call("POST", "/v1/responses", "https://api.openai.com")
    stored = find_call("GET", "/v1/responses/resp_1", "https://api.openai.com")
    assert new is not None
    assert asyncio.run(keeper.concerns(new))
    assert stored is None or not asyncio.run(keeper.concerns(stored))
    keeper.close()
