"""Answers that are short enough for an agent, and honest about what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

import pytest

from codesession.app import App
from codesession.domain.totals import ModelTotal
from codesession.errors import InvalidInputError
from codesession.mcp_server import answers, reading, writing
from codesession.services.recording import ReportedCall
from support.shell import Shell


@pytest.fixture
def app(user: Shell) -> App:
    """The services of the user, in their repository."""
    return App(user.environment(), user.cwd)


def test_a_cost_nobody_knows_is_null() -> None:
    """Some calls without a price leave the cost of the others; none with one leaves nothing to say."""
    known = {"provider_name": "p", "total_tokens": 5, "requests": 2, "list_price_requests": 0}
    found = reading.by_model(
        [
            ModelTotal(model="some", cost_picousd=10**12, unpriced_requests=1, **known),
            ModelTotal(model="none", cost_picousd=0, unpriced_requests=2, **known),
        ]
    )
    assert found["p/some"]["cost"] == 1
    assert found["p/none"] == {"calls": 2, "tokens": 5, "cost": None}


def test_a_long_session_is_told_in_short(app: App, user: Shell) -> None:
    """The newest calls and not all files; the counts stay whole."""
    writing.start(app, "long", None, None, resume=False, close_stale=False)
    for _ in range(reading.MAX_LISTED + 20):
        call = ReportedCall(provider="p", model="m", total_tokens=1, cost_usd=writing.dollars(0.1))
        writing.log(app, None, None, call)
    for number in range(reading.MAX_FILES + 20):
        (user.cwd / f"{number}.txt").write_text("x")
    summary = writing.end(app, None, None, None)
    assert (len(summary["aiBreakdown"]), summary["aiCalls"]) == (reading.MAX_LISTED, reading.MAX_LISTED + 20)
    assert (len(summary["files"]), summary["filesChanged"]) == (reading.MAX_FILES, reading.MAX_FILES + 20)
    assert summary["byModel"]["p/m"]["calls"] == reading.MAX_LISTED + 20
    assert summary["aiCost"] == 12


def test_every_promised_key_is_there(app: App) -> None:
    """Of what has many keys and is put together from the contract's."""
    started = writing.start(app, "one", None, None, resume=False, close_stale=False)
    promised = {
        answers.SessionStatus: reading.status(app, None, None),
        answers.StartedSession: started,
        answers.Stats: reading.stats(app),
        answers.SessionRow: reading.session_list(app, 1)[0],
        answers.BudgetCheck: reading.budget_check(app, None, None),
        answers.SessionSummary: writing.end(app, None, None, "x"),
    }
    for kind, answer in promised.items():
        optional = {"warnings"}
        assert set(get_type_hints(kind)) - optional <= set(answer), kind


def test_a_place_is_a_directory_or_nothing(app: App, user: Shell) -> None:
    """The server's own without one; a home directory may be written as people do."""
    assert reading.place(app, None) == user.cwd
    assert reading.place(app, str(user.home)) == Path(user.home)
    for wrong in ("", ".", "relative", "/nowhere", str(user.cwd / ".git" / "HEAD")):
        with pytest.raises(InvalidInputError):
            reading.place(app, wrong)


def test_a_number_of_json_is_the_decimal_that_was_written() -> None:
    """Ten cents are ten cents."""
    assert writing.dollars(None) is None
    assert str(writing.dollars(0.1)) == "0.1"
