"""`cs doctor` at a real prompt: well, damaged, waiting calls, and settings that cannot be read."""

from __future__ import annotations

import json

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.services.spool import Spool
from support.shell import Shell


def checks(answer: dict[str, object]) -> dict[str, dict[str, object]]:
    found = answer["checks"]
    assert isinstance(found, list)
    return {check["name"]: check for check in found}


def test_a_new_user_passes_and_nothing_is_made(shell: Shell) -> None:
    """A line per question; looking is not using."""
    done = shell.cs("doctor")
    assert done.code == 0
    assert all(line.startswith(("PASS", "WARN", " ")) for line in done.out.splitlines())
    assert not shell.ledger.exists()


def test_in_a_narrow_terminal_every_text_stays_in_its_column(shell: Shell) -> None:
    """Cut between words, below its own beginning."""
    done = shell.cs("doctor", env={"FORCE_COLOR": "1", "COLUMNS": "60"})
    assert all(len(line) <= 60 for line in done.out.splitlines())


def test_the_answer_as_json_has_every_check_with_its_verdict(shell: Shell) -> None:
    """For scripts."""
    shell.ok("start", "task", "--json")
    answer = shell.ok("doctor", "--json")
    assert answer["ok"] is True
    assert checks(answer)["ledger"]["verdict"] == "PASS"
    assert {"settings", "schema", "recording", "spool", "privacy", "prices", "git", "proxy", "agents"} <= set(
        checks(answer)
    )


def test_waiting_calls_are_recorded_and_said(shell: Shell) -> None:
    """Every command would do so; the doctor says that it did."""
    shell.ok("start", "task", "--json")
    response = ModelResponse(provider_name="x", api="openai.chat", response_id="r1")
    Spool(shell.ledger).add([Observation(response=response, context=CallContext(source=Source.PROXY, started_at_ms=1))])
    answer = checks(shell.ok("doctor", "--json"))
    assert "1 calls had to wait" in str(answer["spool"]["text"])
    assert (answer["unpriced"]["verdict"], answer["usage"]["verdict"]) == ("PASS", "WARN")
    assert "no call is waiting" in str(checks(shell.ok("doctor", "--json"))["spool"]["text"])


def test_a_damaged_ledger_fails_with_what_to_do(shell: Shell) -> None:
    """Exit status 1, the other checks are still made."""
    shell.ledger.parent.mkdir()
    shell.ledger.write_bytes(b"my only copy of something else" * 500)
    done = shell.cs("doctor", "--json")
    assert done.code == 1
    answer = json.loads(done.out)
    assert answer["ok"] is False
    assert checks(answer)["ledger"]["verdict"] == "FAIL"
    assert checks(answer)["ledger"]["hint"]
    assert checks(answer)["git"]["verdict"] == "PASS"
    assert shell.ledger.read_bytes().startswith(b"my only copy")


def test_settings_that_cannot_be_read_are_the_only_line(shell: Shell) -> None:
    """Nothing else can be known; the broken key is named."""
    shell.ledger.parent.mkdir()
    (shell.ledger.parent / "config.toml").write_text("[proxy]\nprot = 1\n")
    done = shell.cs("doctor")
    assert done.code == 1
    assert "FAIL  settings" in done.out
    assert "prot" in done.out


def test_prices_of_the_user_that_cannot_be_read_fail(shell: Shell) -> None:
    """Every call would be unpriced: the file is named, with what to do about it."""
    shell.ledger.parent.mkdir()
    (shell.ledger.parent / "pricing.json").write_text("{bad")
    done = shell.cs("doctor", "--json")
    assert done.code == 1
    prices = checks(json.loads(done.out))["prices"]
    assert prices["verdict"] == "FAIL"
    assert "pricing.json" in str(prices["text"])
    assert "correct or move the file" in str(prices["hint"])


def test_a_home_that_cannot_hold_a_ledger_fails(shell: Shell) -> None:
    """Exit status 1, though the ledger's absence alone is no fault."""
    done = shell.cs("doctor", env={"CODESESSION_DB_PATH": str(shell.cwd / "a" / "b.db")})
    assert done.code == 0
    (shell.cwd / "a").touch()
    done = shell.cs("doctor", env={"CODESESSION_DB_PATH": str(shell.cwd / "a" / "b.db")})
    assert done.code == 1
    assert "FAIL  ledger" in done.out
    assert "hint: " in done.out


def test_a_time_zone_that_nobody_knows_is_a_failure(shell: Shell) -> None:
    """Reports refuse it, and budgets take UTC instead."""
    done = shell.cs("doctor", env={"TZ": "PST"})
    assert (done.code, "FAIL  time zone" in done.out, "'PST'" in done.out) == (1, True, True)
