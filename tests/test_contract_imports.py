"""The JSON of imports."""

from __future__ import annotations

from codesession.contract_imports import import_json
from codesession.domain.imports import ImportTotals
from codesession.services.importing.outcome import AgentImport, ImportOutcome, UnreadableLine


def test_input_is_what_the_cache_did_not_hold() -> None:
    """Parts are disjoint, money is in dollars, what went wrong is named."""
    totals = ImportTotals(
        lines=5,
        bad_lines=1,
        calls=2,
        input_tokens=9203,
        cache_read_input_tokens=8000,
        cache_write_input_tokens=1200,
        cache_write_1h_input_tokens=200,
        output_tokens=321,
        cost_picousd=1_500_000_000_000,
    )
    agent = AgentImport(
        agent_name="codex",
        title="Codex CLI",
        roots=("/home",),
        files=3,
        read_files=1,
        new_calls=2,
        totals=totals,
        unreadable=(UnreadableLine(path="/home/a", number=7, reason="broken"),),
        problems=("/home/b: not yours",),
    )
    body = import_json(ImportOutcome(agents=(agent,), dry_run=True, problem="prices cannot be read"))
    (told,) = body["agents"]
    assert told["tokens"] == {"input": 3, "cacheRead": 8000, "cacheWrite5m": 1000, "cacheWrite1h": 200, "output": 321}
    assert (told["duplicates"], told["costUsd"]) == (3, 1.5)
    assert told["unreadable"] == [{"file": "/home/a", "line": 7, "reason": "broken"}]
    assert told["problems"] == ["/home/b: not yours"]
    assert (body["dryRun"], body["warnings"]) == (True, ["prices cannot be read"])
    assert body["totals"] == {"calls": 2, "newCalls": 2, "costUsd": 1.5}


def test_an_agent_without_any_price_has_no_cost() -> None:
    """Unknown is not zero."""
    totals = ImportTotals(calls=2, unpriced_calls=2)
    agent = AgentImport(
        agent_name="iflow", title="iFlow CLI", roots=(), files=1, read_files=1, new_calls=2, totals=totals
    )
    assert import_json(ImportOutcome(agents=(agent,)))["agents"][0]["costUsd"] is None
