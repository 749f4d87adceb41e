"""Sessions of programs that wait."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Recorded
from codesession import AgentSession, BudgetExceededError, track
from codesession.errors import InvalidInputError
from support import wires
from support.shell import Shell

TOKENS: dict[str, Any] = {"prompt_tokens": 8000, "completion_tokens": 2000}
"""5.4 cents with SONNET."""
SONNET = ("anthropic", "claude-sonnet-4")


def test_the_end_says_everything_it_came_to(user: Shell, recorded: Recorded) -> None:
    """Number, duration, counts, files, commits, usage, what is left, and the program's own metadata."""
    session = AgentSession("Refactor", budget=5, metadata={"ticket": 7})
    number = session.start()
    assert session.is_active
    assert session.log_ai(*SONNET, **TOKENS, agent="ada") == 4.946
    session.note("half way")
    Path("new.py").write_text("x = 1\n")
    user.git("add", "new.py")
    user.git("commit", "-m", "Add it")
    summary = session.end("done")
    assert (summary.session_id, summary.name, summary.notes) == (number, "Refactor", "done")
    assert (summary.files_changed, summary.commits, summary.ai_calls) == (1, 1, 1)
    assert (summary.ai_cost, summary.cost_picousd, summary.ai_tokens) == (0.054, 54_000_000_000, 10_000)
    assert (summary.budget_remaining, summary.metadata) == (4.946, {"ticket": 7})
    assert [(file.path, file.type) for file in summary.files] == [("new.py", "created")]
    assert [commit.message for commit in summary.commit_list] == ["Add it"]
    assert [(call.model, call.cost, call.agent) for call in summary.ai_usage] == [("claude-sonnet-4", 0.054, "ada")]
    assert not session.is_active
    assert session.end() is summary
    assert recorded().notes[0].message == "half way"


def test_counts_that_would_exceed_the_budget_are_refused_before_they_are_recorded(user: Shell) -> None:
    """The callback is told first; the session goes on, and a smaller call still fits."""
    told: list[tuple[float, float]] = []
    with track("Fix", budget="0.10", on_budget_exceeded=lambda *figures: told.append(figures)) as session:
        session.log_ai(*SONNET, **TOKENS)
        assert session.can_afford(0.046)
        assert not session.can_afford(0.0461)
        with pytest.raises(BudgetExceededError) as refused:
            session.log_ai(*SONNET, **TOKENS)
        assert (refused.value.spent, refused.value.budget) == (0.054, 0.1)
        assert told == [(0.054, 0.1)]
        assert (session.spent, session.tokens, session.budget_remaining) == (0.054, 10_000, 0.046)
        assert session.log_ai(*SONNET, cost=0.046, tokens=1) == 0


def test_a_response_over_the_budget_is_recorded_and_then_raised(user: Shell) -> None:
    """Its money is spent: hiding it would make the ledger wrong."""
    with pytest.raises(BudgetExceededError), track("Fix", budget=0.000001) as session:
        session.log_ai(wires.anthropic_body())
    assert session.summary is not None
    assert session.summary.ai_calls == 1
    assert session.summary.notes is not None
    assert session.summary.notes.startswith("BudgetExceededError: ")


def test_budgets_of_the_project_hold_too(user: Shell) -> None:
    """Whatever the user has set with `cs budget set`."""
    user.ok("budget", "set", "0.01", "--scope", "project", "--json")
    with track("Fix") as session:
        assert session.budget_remaining is None
        assert not session.can_afford(1)
        with pytest.raises(BudgetExceededError):
            session.log_ai(*SONNET, **TOKENS)


def test_an_error_inside_is_noted_and_goes_on_its_way(user: Shell, recorded: Recorded) -> None:
    """The session has ended; the error is the program's own."""
    with pytest.raises(ZeroDivisionError), track("Fix"):
        _ = 1 / 0
    assert recorded().session.end_notes == "ZeroDivisionError: division by zero"


def test_callbacks_are_told_about_every_call(user: Shell) -> None:
    """Cost, the session's cost so far, and the model; one that fails takes nothing with it."""
    told: list[Any] = []

    def tell(cost: float | None, total: float, model: str) -> None:
        told.append((cost, total, model))
        raise RuntimeError("mine")

    with track("Fix", on_ai_usage=tell) as session:
        session.log_ai(*SONNET, **TOKENS)
        session.log_ai("openai", "gpt-4o", tokens=10, cost=0.5)
    assert told == [(0.054, 0.054, "claude-sonnet-4"), (0.5, 0.554, "gpt-4o")]


def test_a_call_seen_twice_is_told_once(user: Shell) -> None:
    """Whoever adds up what the callback hears comes to what the ledger has."""
    told: list[float | None] = []
    with track("Fix", on_ai_usage=lambda cost, *_: told.append(cost)) as session:
        for _ in range(2):
            session.log_ai(*SONNET, **TOKENS, response_id="msg_1")
        session.log_ai(*SONNET, **TOKENS)
        session.log_ai(*SONNET, **TOKENS)
    assert told == [0.054, 0.054, 0.054]
    assert session.spent == 0.162


def test_a_session_inside_spends_the_budget_around_it(user: Shell) -> None:
    """Beginning another one is no way out; what each itself spent stays apart."""
    with track("outer", budget=0.1) as outer:
        with track("inner") as inner:
            inner.log_ai(*SONNET, **TOKENS)
            with pytest.raises(BudgetExceededError):
                inner.log_ai(*SONNET, **TOKENS)
        assert (outer.spent, outer.budget_remaining, inner.spent) == (0, 0.046, 0.054)


@pytest.mark.parametrize("git", [True, False])
def test_a_session_inside_a_run_spends_the_runs_budget(user: Shell, monkeypatch: pytest.MonkeyPatch, git: bool) -> None:
    """Whether it looks at the repository or not."""
    run = user.ok("start", "run", "--budget", "0.1", "--json")["id"]
    monkeypatch.setenv("CODESESSION_SESSION_ID", str(run))
    with track("inner", git=git) as inner:
        inner.log_ai(*SONNET, **TOKENS)
        with pytest.raises(BudgetExceededError):
            inner.log_ai(*SONNET, **TOKENS)


def test_without_git_the_repository_is_not_looked_at(user: Shell) -> None:
    """No files, no commits; the directory itself is the scope."""
    folder = user.cwd / "src"
    folder.mkdir()
    with track("Fix", git=False, directory=folder) as session:
        (folder / "new.py").write_text("x = 1\n")
    assert session.summary is not None
    assert session.summary.files == ()
    assert user.ok("show", str(session.id), "--json")["workingDirectory"] == str(folder)


def test_sessions_nest_and_calls_go_to_the_one_that_is_asked(user: Shell) -> None:
    """Also in the same repository, beside a session of `cs start`."""
    user.ok("start", "outside", "--json")
    with track("outer") as outer, track("inner") as inner:
        inner.log_ai(*SONNET, **TOKENS)
    assert (outer.spent, inner.spent) == (0.054 * 0, 0.054)
    assert user.ok("status", "--json")["name"] == "outside"


def test_wrong_use_is_told(user: Shell) -> None:
    """Not started, started twice, ended, no name, a wrong amount, a directory that is none."""
    session = AgentSession("Fix")
    with pytest.raises(InvalidInputError, match="not been started"):
        session.log_ai(*SONNET, **TOKENS)
    session.start()
    with pytest.raises(InvalidInputError, match="started already"):
        session.start()
    with pytest.raises(InvalidInputError, match="say what was called"):
        session.log_ai()
    for bad in (-1, 1.5, "5", True, float("nan")):
        with pytest.raises(InvalidInputError, match=f"^prompt tokens are {bad!r}"):
            session.log_ai(*SONNET, prompt_tokens=bad)  # type: ignore[arg-type]  # what is tested
    session.log_ai(*SONNET, tokens=4000 / 4)  # type: ignore[arg-type]  # what is tested
    assert session.tokens == 1000
    session.end()
    with pytest.raises(InvalidInputError, match="has ended"):
        session.note("too late")
    for wrong in ({"budget": "much"}, {"budget": -1}, {"directory": "/nowhere/at/all"}):
        with pytest.raises(InvalidInputError):
            AgentSession("Fix", **wrong).start()  # type: ignore[typeddict-item]  # what is tested
    with pytest.raises(TypeError):
        AgentSession("Fix", bugdet=1)  # type: ignore[call-arg]  # what is tested


def test_a_model_without_a_price_is_kept_as_unpriced(user: Shell, caplog: pytest.LogCaptureFixture) -> None:
    """A run must not end because a model is new; unknown is not zero."""
    with track("Fix") as session:
        session.log_ai("acme", "brand-new", **TOKENS)
        session.log_ai("acme", "brand-new", 500)
    assert session.summary is not None
    assert (session.summary.ai_calls, session.summary.unpriced_calls) == (2, 2)
    assert (session.summary.ai_tokens, session.summary.cost_status) == (10_500, "lower_bound")
    assert [call.cost for call in session.summary.ai_usage] == [None, None]
    assert len([record for record in caplog.records if record.name == "codesession"]) == 1


@pytest.mark.parametrize("trouble", ["ledger", "config"])
def test_a_ledger_that_cannot_be_used_is_one_warning(
    user: Shell, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    """The program runs to its end as if nothing were tracked."""
    (user.home / ".codesession").mkdir()
    if trouble == "ledger":
        user.ledger.write_bytes(b"this is no database, whatever else it may be" * 100)
    else:
        (user.home / ".codesession" / "config.toml").write_text("[oops")
    with caplog.at_level(logging.WARNING), track("Fix", budget=5) as session:
        session.log_ai(*SONNET, **TOKENS)
        session.note("still here")
        assert session.can_afford(4)
        assert not session.can_afford(6)
        assert session.spent == 0
    assert session.id is None
    assert session.summary is not None
    assert session.summary.session_id is None
    assert len([record for record in caplog.records if record.name == "codesession"]) == 1


def test_a_session_ended_from_outside_still_has_its_summary(user: Shell) -> None:
    """`cs end` in another terminal."""
    with track("Fix") as session:
        session.log_ai(*SONNET, **TOKENS)
        user.ok("end", "--session", str(session.id), "--json")
    assert session.summary is not None
    assert session.summary.ai_cost == 0.054
