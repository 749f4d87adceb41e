"""Budgets under fire: many processes, one ledger, and processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from codesession.domain.budget import LEASE_MS, Decision, Spender
from codesession.domain.money import PICO
from codesession.domain.request import Source
from support.spending import DEMAND, app_of, finished, spend

CALLS = int(os.environ.get("CODESESSION_CHAOS_CALLS", "4000"))
PROCESSES = 8
TESTS = Path(__file__).parents[2]


def begin(ledger: Path, limit: int, *, strict: bool) -> int:
    app = app_of(ledger)
    started = app.sessions.start("chaos", ledger.parent, budget_picousd=limit, budget_strict=strict)
    app.close()
    return started.session.id


@pytest.mark.parametrize("in_advance", [False, True])
@pytest.mark.parametrize("strict", [False, True])
def test_eight_processes_keep_to_one_budget(tmp_path: Path, strict: bool, in_advance: bool) -> None:
    """
    However calls fall, the overshoot stays within the bound that is printed, and at 0 with strict.

    So it does where each process sets money aside in advance.
    """
    ledger = tmp_path / "s.db"
    limit = CALLS * PICO // 10_000  # $1 for 10,000 calls; each costs up to $0.0033
    session_id = begin(ledger, limit, strict=strict)

    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        each = partial(spend, str(ledger), session_id, CALLS // PROCESSES, in_advance=in_advance)
        jobs = [pool.submit(each) for _ in range(PROCESSES)]
        told = [job.result() for job in jobs]

    app = app_of(ledger)
    (standing,) = app.budgets.standings(Spender(session_id=session_id))
    app.close()
    assert sum(each["go"] + each["stop"] for each in told) == CALLS // PROCESSES * PROCESSES
    assert sum(each["stop"] for each in told) > 0
    assert (sum(each["advance"] for each in told) > CALLS // 100) is in_advance
    assert (standing.reserved_picousd, standing.held_picousd) == (0, 0)
    assert standing.max_overshoot_picousd == (0 if strict else 3_300_000_000)
    assert standing.spent_picousd - limit <= standing.max_overshoot_picousd
    assert standing.spent_picousd > limit * 9 // 10  # the budget is there to be used


def test_money_of_a_killed_process_is_not_free_until_a_record_settles_it(tmp_path: Path) -> None:
    """Its calls may have been billed: the money stays aside when the lease ends, and a later sighting settles it."""
    ledger = tmp_path / "s.db"
    session_id = begin(ledger, PICO, strict=False)
    code = f"from support.spending import hold; hold({str(ledger)!r}, {session_id})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"reserved\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    app = app_of(ledger)
    spender = Spender(session_id=session_id)
    (under_way,) = app.budgets.standings(spender)
    later = under_way.at_ms + LEASE_MS + 1_000
    app.budgets._clock = lambda: later  # type: ignore[assignment]  # time passes
    (expired,) = app.budgets.standings(spender)
    assert (under_way.calls_under_way, under_way.calls_held) == (3, 0)
    assert (expired.calls_under_way, expired.calls_held) == (0, 3)
    assert expired.held_picousd == under_way.reserved_picousd > 0
    assert expired.remaining_picousd == under_way.remaining_picousd

    seen = finished(session_id, None, "msg_log", output=50, at_ms=under_way.at_ms)
    app.recording.record([replace(seen, context=replace(seen.context, source=Source.LOG))])
    (settled,) = app.budgets.standings(spender)
    assert settled.calls_held == 2
    assert settled.spent_picousd > 0
    app.close()


def test_a_call_that_does_not_fit_beside_others_waits_for_them(tmp_path: Path) -> None:
    """Reserved is not spent: who would fit when others settle waits, and is refused only when that is certain."""
    ledger = tmp_path / "s.db"
    session_id = begin(ledger, 4_000_000_000, strict=True)
    app = app_of(ledger)
    spender = Spender(session_id=session_id)
    first = app.budgets.request(spender, DEMAND, None, 1_795_312_800_000)
    second = app.budgets.request(spender, DEMAND, None, 1_795_312_800_000)
    large = app.budgets.request(spender, replace(DEMAND, output_tokens=4_000), None, 1_795_312_800_000)
    assert (first.decision, second.decision, large.decision) == (Decision.GO, Decision.WAIT, Decision.STOP)
    assert first.reservation is not None
    app.budgets.release(first.reservation)
    assert app.budgets.request(spender, DEMAND, None, 1_795_312_800_000).decision is Decision.GO
    app.close()
