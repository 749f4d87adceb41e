"""`cs pricing reprice` as a process, on a ledger that commands made."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from support.shell import Shell

CALL = ("-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "1000000", "--completion-tokens", "0")


@pytest.fixture
def used(shell: Shell) -> Shell:
    """One call of $3 and one whose cost was given."""
    shell.ok("start", "task", "--json")
    shell.ok("log-ai", *CALL, "--json")
    shell.ok("log-ai", *CALL, "-c", "7", "--json")
    return shell


def cost(shell: Shell) -> float:
    found: float = shell.ok("status", "--json")["aiCost"]
    return found


def reprice(shell: Shell, *options: str) -> Any:
    return shell.ok("pricing", "reprice", *options, "--json")


def test_an_own_price_reaches_old_calls_only_on_request(used: Shell) -> None:
    """Setting a price changes nothing; a dry run shows; a repricing does it, and says why."""
    used.cs("pricing", "set", "claude-sonnet-4-5", "1", "2")
    assert cost(used) == 10
    dry = reprice(used, "--dry-run")
    assert (dry["dryRun"], dry["checked"], dry["changed"]) == (True, 2, 1)
    assert cost(used) == 10
    done = reprice(used)
    assert done["models"] == [
        {
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "reason": "your own price",
            "calls": 1,
            "oldCostUsd": 3,
            "newCostUsd": 1,
            "oldUnpricedCalls": 0,
            "newUnpricedCalls": 0,
        }
    ]
    assert cost(used) == 8
    assert reprice(used)["changed"] == 0


def test_the_old_figure_is_kept(used: Shell) -> None:
    """Nothing that was shown to somebody vanishes."""
    used.cs("pricing", "set", "claude-sonnet-4-5", "1", "2")
    reprice(used)
    with sqlite3.connect(used.ledger) as ledger:
        rows = ledger.execute("SELECT reason, old_cost_picousd, old_billing FROM cost_revisions").fetchall()
    ledger.close()
    assert [row[:2] for row in rows] == [("your own price", 3 * 10**12)]
    assert json.loads(rows[0][2])["lines"]


def test_people_read_what_changed(used: Shell) -> None:
    """Old and new per model."""
    assert "2 calls looked at; every cost stays." in used.cs("pricing", "reprice").out
    used.cs("pricing", "set", "claude-sonnet-4-5", "1", "2")
    assert "1 of 2 calls would change." in used.cs("pricing", "reprice", "--dry-run").out
    told = used.cs("pricing", "reprice").out
    assert "anthropic/claude-sonnet-4-5  1 call  $3.00 -> $1.00  your own price" in told
    assert "1 of 2 calls changed." in told


def test_since_leaves_older_calls_alone(used: Shell) -> None:
    """A moment in the future looks at nothing; no moment is misuse."""
    used.cs("pricing", "set", "claude-sonnet-4-5", "1", "2")
    assert reprice(used, "--since", "2999-01-01")["checked"] == 0
    assert reprice(used, "--since", "2999-01-01T12:00:00")["checked"] == 0
    assert reprice(used, "--since", "today")["checked"] == 2
    assert reprice(used, "--since", "7d")["checked"] == 2
    assert used.cs("pricing", "reprice", "--since", "soon", "--json").error["code"] == "invalid_input"


def test_a_broken_price_file_changes_nothing(used: Shell) -> None:
    """The file is named, every cost stays."""
    (used.home / ".codesession" / "pricing.json").write_text("{")
    assert "pricing.json" in used.cs("pricing", "reprice", "--json").error["message"]
    (used.home / ".codesession" / "pricing.json").unlink()
    assert cost(used) == 10
