"""
Between the server's loop and the gate: asks on threads of its own, and does not let calls queue up behind a ledger that
does not answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from codesession.domain.request import Observation
from codesession.errors import own_reason
from codesession.proxy.calls import Call
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.gate import Admission, Gate, PendingCall, Refusal, Wait

FAR_THREADS = 8
"""For a ledger on a server, whose answers take their time; one thread is fastest for a file, which has one writer."""
_TEND_S = 0.02
"""How long after a call the gate looks after what comes next, and how often it goes on doing so."""


class GateFailedError(Exception):
    """The gate failed while this call waited for its turn: it would only wait in vain once more."""


class Gatekeeper:
    """One per proxy. All methods are called on the loop's thread and raise nothing, but what `ask` hands on."""

    def __init__(self, gate: Gate, diagnostics: Diagnostics, *, far: bool) -> None:
        self._gate = gate
        self._diagnostics = diagnostics
        self._far = far
        self._threads = ThreadPoolExecutor(FAR_THREADS if far else 1, thread_name_prefix="codesession-gate")
        self._tender = ThreadPoolExecutor(1, thread_name_prefix="codesession-tend")  # not behind calls that wait
        self._failed_at = float("-inf")
        self._tending = False

    async def concerns(self, call: Call) -> bool:
        """Whether the gate must be asked about a call; never about a stored answer, which has been paid for."""
        if call.stored:
            return False
        if self._far:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._gate.armed)
        return self._gate.armed()

    def let_go(self, pending: PendingCall) -> Admission | None:
        """The gate's word where it needs no thread: most calls may go. None: `ask`."""
        found = self._gate.admit_at_once(pending)
        if not (self._tending or self._far):
            self._tend_later()
        return found

    def ask(self, pending: PendingCall) -> asyncio.Future[Admission | Wait | Refusal]:
        """The gate's verdict; fails with whatever the gate raised, also for the calls that waited behind that one."""
        return asyncio.get_running_loop().run_in_executor(self._threads, self._ask, pending, time.monotonic())

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        """The admitted call is over."""
        if observation is None:
            self._later(lambda: self._gate.settle(admission, None))
        else:
            self._guarded(lambda: self._gate.settle(admission, observation))

    def cut(self, admission: Admission, pending: PendingCall, seconds: float) -> None:
        """The client broke the admitted call off after so long."""
        self._later(lambda: self._gate.cut(admission, pending, seconds))

    def abandon(self, admission: Admission) -> None:
        """The admitted call is over, and nobody knows what it cost."""
        self._later(lambda: self._gate.abandon(admission))

    def close(self) -> None:
        """Finish what is asked and settled."""
        self._threads.shutdown()
        self._tender.submit(self._guarded, self._gate.close)
        self._tender.shutdown()

    def _ask(self, pending: PendingCall, asked_at: float) -> Admission | Wait | Refusal:
        if asked_at < self._failed_at:
            raise GateFailedError
        try:
            return self._gate.admit(pending)
        except Exception:  # whatever it is, those who waited behind this call need not meet it too; raised on
            self._failed_at = time.monotonic()
            raise

    def _tend_later(self) -> None:
        self._tending = True
        loop = asyncio.get_running_loop()
        loop.call_later(_TEND_S, self._look_after, loop)

    def _look_after(self, loop: asyncio.AbstractEventLoop) -> None:
        due = self._gate.wants_tending()
        if due is None:
            self._tending = False
        elif due:
            with contextlib.suppress(RuntimeError):  # the proxy stops
                tended = loop.run_in_executor(self._tender, self._guarded, self._gate.tend)
                tended.add_done_callback(lambda _: self._tend_later())
        else:
            self._tend_later()

    def _later(self, work: Callable[[], None]) -> None:
        self._threads.submit(self._guarded, work)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # the call is over: a failing budget is reported, not raised
            self._diagnostics.report("budgets_not_updated", own_reason(error))
