"""`cs budget` from outside."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from codesession.app import App, now_ms
from codesession.domain.money import PICO
from codesession.domain.request import UsageStatus
from support.fake_provider import FakeProvider
from support.ledger import make_request, record_unpriced
from support.shell import Answer, Shell

Cs = Callable[..., Answer]
PY = sys.executable
ASK = """
import json, os, sys, time, urllib.error, urllib.request
body = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": []}).encode()
url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
try:
    print(urllib.request.urlopen(urllib.request.Request(url, body), timeout=20).status, flush=True)
except urllib.error.HTTPError as error:
    print(error.code, json.loads(error.read())["error"]["message"], flush=True)
time.sleep(float(sys.argv[1]))
"""


def one(answer: Answer) -> dict[str, object]:
    """The only budget of an answer."""
    assert answer.code == 0, answer
    (budget,) = answer.json["budgets"]
    found: dict[str, object] = budget
    return found


def spend(cs: Cs, dollars: float) -> None:
    assert cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", str(dollars)).code == 0


def test_a_budget_is_set_seen_and_removed(cs: Cs) -> None:
    """With everything a script needs to know about it."""
    cs("start", "task", "--json")
    made = cs("budget", "set", "5", "--name", "lunch", "--warn", "10,90", "--json").json["budget"]
    assert (made["scope"], made["limitUsd"], made["warn"], made["action"]) == ("session", 5.0, [10, 90], "stop")
    spend(cs, 1.25)
    budget = one(cs("budget", "status", "--json"))
    assert (budget["spentUsd"], budget["reservedUsd"], budget["remainingUsd"], budget["percent"]) == (1.25, 0, 3.75, 25)
    assert "$3.75" in cs("budget", "status").out
    assert "lunch" in cs("budget", "list").out
    assert cs("budget", "remove", "lunch", "--json").json["removed"]["name"] == "lunch"
    assert cs("budget", "list", "--json").json["budgets"] == []


def test_the_end_of_a_session_is_advised_only_where_it_frees_something(cs: Cs) -> None:
    """What a day has spent stays spent."""
    cs("start", "task", "--budget", "1", "--json")
    spend(cs, 1.5)
    assert "or end the session with `cs end`" in cs("budget", "check").err
    cs("budget", "set", "1", "--period", "day")
    refused = cs("budget", "check")
    assert "cs budget allow" in refused.err
    assert "cs end" not in refused.err


def test_start_and_budget_are_one_truth(cs: Cs) -> None:
    """`--budget` makes a budget; changing it changes what the session shows; resuming may change it too."""
    assert cs("start", "task", "--budget", "2", "--json").json["budget"] == 2
    assert one(cs("budget", "list", "--json"))["limitUsd"] == 2
    cs("budget", "set", "3")
    assert cs("status", "--json").json["budget"] == 3
    assert cs("start", "task", "--resume", "--budget", "4", "--strict", "--json").json["budget"] == 4
    assert one(cs("budget", "list", "--json"))["strict"] is True


def test_check_exits_with_3_when_nothing_is_left(cs: Cs) -> None:
    """For scripts and CI; the envelope names what was spent of which budget."""
    cs("start", "task", "--budget", "1", "--json")
    assert cs("budget", "check").code == 0
    assert cs("budget", "check", "--cost", "1").code == 0
    assert cs("budget", "check", "--cost", "1.01").code == 3
    spend(cs, 1)
    done = cs("budget", "check", "--json")
    assert done.code == 3
    error = done.json["error"]
    assert (error["code"], error["spent"], error["budget"], error["scope"]) == ("budget_exceeded", 1.0, 1.0, "session")
    assert cs("budget", "check").err.startswith("error: ")


def test_more_can_be_allowed(cs: Cs) -> None:
    """Dollars on top, or a time."""
    cs("start", "task", "--budget", "1", "--json")
    spend(cs, 2)
    assert one(cs("budget", "allow", "+0.5", "--json"))["limitUsd"] == 1.5
    assert one(cs("budget", "allow", "+0.75", "--json"))["limitUsd"] == 2.25
    assert cs("budget", "check").code == 0
    spend(cs, 2)
    assert cs("budget", "check").code == 3
    assert one(cs("budget", "allow", "--until", "2h", "--json"))["stops"] is False
    assert cs("budget", "check").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "-1"),
        ("set", "x"),
        ("set", "1e-15"),
        ("set", "1", "--agent", ""),
        ("set", "1", "--scope", "global", "--each"),
        ("set", "1", "--period", "day", "--each"),
        ("set", "1", "--scope", "project", "--session", "1"),
        ("set", "1", "--each", "--session", "1"),
        ("set", "1", "--action", "warn", "--strict"),
        ("check", "--agent", " "),
        ("set", "1", "--warn", "a"),
        ("set", "1", "--scope", "session", "--period", "day"),
        ("allow",),
        ("allow", "+1", "--until", "2h"),
        ("allow", "--until", "never"),
        ("allow", "0"),
        ("remove", "nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(cs: Cs, arguments: tuple[str, ...]) -> None:
    """With the envelope's code for misuse."""
    cs("start", "task", "--budget", "1", "--json")
    assert cs("budget", *arguments, "--json").error["code"] == "invalid_input"
    assert len(cs("budget", "list", "--json").json["budgets"]) == 1


@pytest.mark.parametrize("command", ["set", "allow"])
@pytest.mark.parametrize("amount", ["-5", "-.5"])
def test_a_negative_amount_is_named_as_the_amount_it_is_not(cs: Cs, command: str, amount: str) -> None:
    """Not as an option that does not exist; a misspelt option still is one."""
    assert f"'{amount}' is no amount in dollars" in cs("budget", command, amount).err
    assert "no such option '--perod'" in cs("budget", command, "5", "--perod", "day").err.lower()


def test_more_and_until_are_two_allowances(cs: Cs) -> None:
    """Neither is taken silently."""
    cs("start", "task", "--budget", "1", "--json")
    assert "exclude each other" in cs("budget", "allow", "+5", "--until", "18:00").err


def test_a_period_without_a_scope_is_for_everything(cs: Cs) -> None:
    """`cs budget set 10 --period day` works anywhere; one for a session needs a session."""
    made = cs("budget", "set", "10", "--period", "day", "--json").json["budget"]
    assert (made["scope"], made["period"]) == ("global", "day")
    refused = cs("budget", "set", "1", "--json").error
    assert refused["code"] == "no_active_session"
    assert "--period" in refused["hint"]
    assert cs("budget", "set", "1", "--scope", "session", "--each", "--json").json["budget"]["sessionId"] is None


def test_a_cost_that_does_not_fit_is_not_called_reached(cs: Cs) -> None:
    """Something is left, only too little."""
    cs("start", "task", "--json", "--budget", "5")
    refused = cs("budget", "check", "--cost", "100", "--json")
    assert refused.code == 3
    said = "budget 1 for session 1: $5.00 of $5.00 left, too little for $100.00"
    assert refused.json["error"]["message"] == said


def test_every_budget_that_stops_is_named_with_what_it_has_left(cs: Cs) -> None:
    """By the number and name that other commands take, with money as everywhere."""
    cs("start", "task", "--json", "--budget", "5")
    cs("budget", "set", "1", "--period", "day", "--name", "daily")
    cs("budget", "set", "500", "--scope", "project", "--name", "plenty")
    cs("budget", "set", "0.1", "--scope", "project", "--name", "told", "--action", "warn")
    spend(cs, 1)
    said = "budget 1 for session 1: $4.00 of $5.00 left, too little for $50.00; "
    said += 'budget 2 "daily" for everything per day: $1.00 is used up, $1.00 spent'
    assert cs("budget", "check", "--cost", "50").err.startswith(f"error: {said}\n")


def test_the_words_say_how_far_it_can_go_over(cs: Cs) -> None:
    """Strict: not at all. Otherwise one call."""
    cs("start", "task", "--json")
    cs("budget", "set", "1", "--strict")
    assert "strict" in cs("budget", "status").out
    cs("budget", "set", "1")
    assert "Overshoot at most" in cs("budget", "status").out


def test_what_may_be_more_is_marked(cs: Cs) -> None:
    """A call without a price is in no figure: so much at least is used, so much at most is left."""
    cs("start", "task", "--budget", "5", "--json")
    spend(cs, 1.25)
    record_unpriced(session_id=1)
    assert "≥ $1.25" in cs("budget", "list").out
    said = cs("budget", "status").out
    assert "≥ $1.25" in said
    assert "≤ $3.75" in said
    assert "≤ $3.75 of $5.00 left" in cs("budget", "check").out


def test_a_narrow_list_keeps_its_words_whole(cs: Cs, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a budget is for matters more than what it does at its end."""
    cs("budget", "set", "1234.50", "--period", "month", "--action", "warn")
    assert "At the end" in cs("budget", "list").out
    monkeypatch.setenv("COLUMNS", "40")
    head, budget, *_ = cs("budget", "list").out.splitlines()
    assert head.split() == ["ID", "Limit", "Used", "Budget"]
    assert "everything per" in budget


def test_a_cut_stream_leaves_at_most_so_much(cs: Cs) -> None:
    """Its true cost is higher: a budget says so as every report does."""
    cs("budget", "set", "5", "--scope", "global")
    cs("budget", "set", "5", "--period", "day")
    cut = make_request(usage_status=UsageStatus.LOWER_BOUND, started_at_ms=now_ms(), cost_picousd=PICO)
    with closing(App()) as app:
        app.store.add_request(cut)
    said = cs("budget", "status").out
    assert [said.count(text) for text in ("≥ $1.00", "1 call at least", "≤ $4.00")] == [2, 2, 2]
    assert cs("budget", "list").out.count("≥ $1.00") == 2


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


def test_a_run_is_refused_beyond_its_budget(shell: Shell, provider: FakeProvider) -> None:
    """The command gets a clear 403 and goes on; the summary says why; the exit status is the command's."""
    with provider:
        done = shell.cs(
            "run", "--budget", "0", "--", PY, "-c", ASK, "0", env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
        )
        assert provider.requests == []
    assert done.code == 0
    assert done.out.startswith("403 ")
    assert "cs budget allow" in done.out
    assert "1 model call refused: budget 'session total' of $0.00 is used up" in done.err
    assert "no call made · 1 refused" in done.err
    assert "cs budget allow" not in done.err


def test_a_run_can_be_ended_at_its_budget(shell: Shell, provider: FakeProvider) -> None:
    """`--on-budget kill`: the command and all it started get SIGTERM, and the summary says why it ended."""
    with provider:
        done = shell.cs(
            *("run", "--budget", "0", "--on-budget", "kill", "--", PY, "-c", ASK, "30"),
            env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url},
        )
    assert done.code == 128 + 15
    assert "the command was ended at its budget" in done.err


def test_a_run_ends_at_its_budget_also_when_a_run_inside_it_is_refused(shell: Shell, provider: FakeProvider) -> None:
    """Its own proxy never sees that call."""
    inner = (PY, "-m", "codesession", "run", "--", PY, "-c", ASK, "0")
    wait = "import subprocess, sys, time; subprocess.run(sys.argv[1:]); time.sleep(30)"
    with provider:
        done = shell.cs(
            *("run", "--budget", "0", "--on-budget", "kill", "--", PY, "-c", wait, *inner),
            env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url},
        )
        assert provider.requests == []
    assert done.code == 128 + 15
    assert done.err.count("the command was ended at its budget") == 1


def test_two_runs_share_a_global_budget(shell: Shell, provider: FakeProvider) -> None:
    """What one has spent, another process finds spent."""
    with provider:
        environment = {"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
        shell.ok("budget", "set", "0.000001", "--scope", "global", "--json")
        first = shell.cs("run", "--", PY, "-c", ASK, "0", env=environment)
        second = shell.cs("run", "--", PY, "-c", ASK, "0", env=environment)
        assert len(provider.requests) == 1
    assert (first.out[:3], second.out[:3]) == ("200", "403")


def test_a_project_is_the_repository(cs: Cs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder of it."""
    root = tmp_path / "repo"
    (root / "src").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "objects").mkdir()
    (root / ".git" / "refs").mkdir()
    monkeypatch.chdir(root / "src")
    made = json.loads(cs("budget", "set", "1", "--scope", "project", "--json").out)["budget"]
    assert made["project"] == str(root)
