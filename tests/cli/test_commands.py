"""What the small commands say to people, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.shell import Answer

Cs = Callable[..., Answer]
CALL = (
    "log-ai",
    "-p",
    "anthropic",
    "-m",
    "claude-sonnet-4-5",
    "--prompt-tokens",
    "8000",
    "--completion-tokens",
    "2000",
)


@pytest.fixture
def task(cs: Cs) -> Cs:
    """A prompt at which a session is open."""
    cs("start", "Fix the login", "--json")
    return cs


def test_status_tells_the_whole_session(task: Cs) -> None:
    """Name, number, state, cost, tokens, notes; nothing on stderr."""
    task(*CALL)
    task("note", "found the leak")
    done = task("status")
    assert (done.code, done.err) == (0, "")
    for words in ("Fix the login", "session 1", "active", "$0.0540", "1 call", "10K", "found the leak"):
        assert words in done.out, words


def test_log_ai_says_what_it_recorded(task: Cs) -> None:
    """Model, tokens, cost, and where the session is; told twice it says so."""
    said = task(*CALL, "--response-id", "r1").out
    assert "claude-sonnet-4-5: 10K tokens, $0.0540" in said
    assert "is at $0.0540" in said
    again = task(*CALL, "--response-id", "r1").out
    assert "known already" in again
    assert "is at $0.0540" in again


def test_log_ai_names_the_call_by_its_number_in_the_ledger(task: Cs) -> None:
    """The one that `cs show` has; a call that was known keeps its own."""
    first = task(*CALL, "--response-id", "r1", "--json").json["logged"]
    second = task(*CALL, "--json").json["logged"]
    again = task(*CALL, "--response-id", "r1", "--json").json["logged"]
    assert [call["id"] for call in task("show", "--json").json["aiUsage"]] == [first["id"], second["id"]]
    assert (again["id"], again["new"]) == (first["id"], False)


def test_what_is_no_number_of_a_session_is_repeated_in_part(task: Cs) -> None:
    """It may be a whole file."""
    done = task("show", "x" * 100_000, "--json")
    assert (done.error["code"], len(done.out) < 500) == ("session_not_found", True)


def test_log_ai_keeps_the_cache_and_reasoning_parts(task: Cs) -> None:
    """They are priced apart."""
    parts = ("--cache-read-tokens", "7000", "--cache-write-tokens", "500", "--reasoning-tokens", "1500")
    logged = task(*CALL, *parts, "--json").json["logged"]
    assert (logged["cacheReadTokens"], logged["cacheWriteTokens"], logged["reasoningTokens"]) == (7000, 500, 1500)
    assert logged["cost"] == round((500 * 3 + 7000 * 0.3 + 500 * 3.75 + 2000 * 15) / 1e6, 10)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--prompt-tokens", "10", "--cache-read-tokens", "11"], "invalid_input"),
        (["--completion-tokens", "10", "--reasoning-tokens", "11"], "invalid_input"),
        (["-t", "10", "--prompt-tokens", "8", "--completion-tokens", "8"], "invalid_input"),
        (["-t", "10", "--agent", " "], "invalid_input"),
        (["-t", "10", "-c", "1e30"], "invalid_input"),
        ([], "missing_tokens"),
    ],
)
def test_log_ai_refuses_what_cannot_be(task: Cs, options: list[str], code: str) -> None:
    """And records nothing."""
    error = task("log-ai", "-p", "openai", "-m", "gpt-4o", *options, "--json").error
    assert error["code"] == code
    assert task("status", "--json").json["aiUsage"] == []


def test_note_says_where_it_went(task: Cs) -> None:
    """Number and name."""
    assert task("note", "x") == Answer(0, 'Noted in session 1 "Fix the login".\n', "")


def test_end_sums_up(task: Cs) -> None:
    """The note of the end is shown; a second end is an error with a hint."""
    task(*CALL)
    done = task("end", "-n", "all green")
    assert (done.code, done.err) == (0, "")
    for words in ("completed in", "$0.0540", "all green"):
        assert words in done.out
    again = task("end", "-s", "1")
    assert (again.code, again.out) == (1, "")
    assert 'session 1 "Fix the login" has already ended\nhint: `cs show 1`' in again.err


def test_show_takes_a_number_or_the_newest(task: Cs) -> None:
    """Anything else is no session."""
    assert "Fix the login" in task("show").out
    assert "Fix the login" in task("show", "1").out
    for wanted in ("2", "x", "1.0", "٣", "9" * 40):
        assert task("show", wanted, "--json").error["code"] == "session_not_found"


def test_a_status_holds_the_newest_thousand_calls(task: Cs) -> None:
    """`--all` holds every one; the count is told both times."""
    from codesession.app import App
    from support.ledger import make_request

    app = App()
    app.store.add_requests([make_request(session_id=1) for _ in range(1_002)])
    app.close()
    for command in ("status", "show"):
        few, everything = task(command, "--json").json, task(command, "--json", "--all").json
        assert (len(few["aiUsage"]), few["aiUsageCount"]) == (1_000, 1_002)
        assert (len(everything["aiUsage"]), everything["aiUsageCount"]) == (1_002, 1_002)


def test_list_marks_what_is_open(task: Cs) -> None:
    """And says how to begin when there is nothing."""
    task("end", "--json")
    task("start", "Second", "--json")
    lines = task("list").out.splitlines()
    assert "● Second" in lines[1]
    assert "Fix the login" in lines[2]
    assert "●" not in lines[2]
    assert task("ls").out == task("list").out
    assert len(task("list", "-l", "1", "--json").json) == 1


def test_empty_ledgers_say_how_to_begin(cs: Cs) -> None:
    """The first minute with the tool."""
    assert "cs run" in cs("list").out
    assert "No completed session yet" in cs("stats").out
    assert "Nothing to recover" in cs("recover").out
    assert "cs run" in cs("show").err
    assert "cs start" in cs("status").err
    assert cs("stats", "--json").json["avgSessionTime"] == 0


def test_stats_add_up_what_is_finished(task: Cs) -> None:
    """Unpriced calls make the sum a lower bound."""
    from codesession.app import App
    from codesession.domain.pricing import CostStatus
    from support.ledger import make_request

    task(*CALL)
    app = App()
    app.store.add_request(make_request(session_id=1, cost_picousd=None))
    app.store.add_request(make_request(session_id=1, cost_picousd=0, cost_status=CostStatus.LIST_PRICE))
    app.close()
    task("end", "--json")
    said = task("stats").out
    assert "≥ $0.0540" in said
    assert "1 unpriced, 1 at list price" in said
    told = task("stats", "--json").json
    assert (told["unpricedCalls"], told["listPriceCalls"]) == (1, 1)
    assert task("show", "1", "--json").json["listPriceCalls"] == 1


def test_recover_ends_what_is_old_enough(task: Cs) -> None:
    """By its age in hours; a bad age is refused."""
    assert "Nothing to recover" in task("recover", "--max-age", "1").out
    assert 'Ended session 1 "Fix the login"' in task("recover", "--max-age", "0").out
    for bad in ("-1", "x", "nan", "1e9"):
        assert task("recover", "--max-age", bad, "--json").error["code"] == "invalid_input"


def test_export_needs_no_session(cs: Cs) -> None:
    """An empty array, a header alone."""
    assert cs("export", "--json").json == []
    assert cs("export", "--format", "csv").out.startswith("id,name,")
    assert cs("export", "--format", "xml").code == 1
