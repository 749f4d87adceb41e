"""Answers for people: right at any width, with wide characters, without colours where there is no terminal."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.console import Console

from codesession.cli import render
from codesession.domain.money import PICO
from codesession.domain.pricing import ModelRates
from codesession.domain.session import SessionStatus
from codesession.domain.totals import ModelTotal, SessionStats
from codesession.domain.work import SessionCommit, SessionFile, SessionNote
from codesession.services.recording import LoggedCall
from codesession.services.sessions import SessionDetail
from support.ledger import NOW_MS, make_request
from support.sessions import make_stored

LONG = "Round the checkout sums once, at the very end of everything that is summed, and never before " * 3
WIDE = "日本語のとても長いセッションの名前です、" * 6
HOUR_MS = 3_600_000


def drawn(draw: Callable[[Console], None], *, width: int = 80, terminal: bool = False) -> str:
    out = io.StringIO()
    draw(
        Console(
            file=out,
            width=width,
            force_terminal=terminal,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )
    )
    return out.getvalue()


def busy(**changes: object) -> SessionDetail:
    """A session in which everything happened."""
    session = make_stored(
        id=1234,
        name=LONG,
        directory="/srv/" + "deep/" * 30,
        git_branch="feature/" + "x" * 80,
        status=SessionStatus.COMPLETED,
        ended_at_ms=NOW_MS + 5 * HOUR_MS,
        end_notes=WIDE,
        budget_picousd=20 * PICO,
        files_changed=61,
        commits=3,
        requests=1_234,
        unpriced_requests=2,
        lower_bound_requests=1,
        list_price_requests=48,
        input_tokens=123_456_789,
        cache_read_input_tokens=120_000_000,
        output_tokens=9_876_543,
        reasoning_output_tokens=1_000_000,
        total_tokens=133_333_332,
        cost_picousd=12 * PICO,
    )
    return SessionDetail(
        session=replace(session, **changes),
        requests=[],
        files=[
            SessionFile(
                id=n, session_id=1, file_path=f"src/{'deep/' * 20}{n}.py", change_type="created", changed_at_ms=0
            )
            for n in range(61)
        ],
        commits=[
            SessionCommit(id=n, session_id=1, hash="a" * 40, message=message, committed_at_ms=0)
            for n, message in enumerate([LONG, WIDE, "short"])
        ],
        notes=[SessionNote(id=1, session_id=1, message=WIDE, created_at_ms=NOW_MS)],
        seen_at_ms=NOW_MS + 5 * HOUR_MS,
    )


TOTALS = [
    ModelTotal(
        provider_name="x",
        model=model,
        requests=calls,
        total_tokens=10**8,
        cost_picousd=cost,
        unpriced_requests=unpriced,
        list_price_requests=0,
    )
    for model, calls, cost, unpriced in [
        ("claude-" + "x" * 90, 1_230, PICO, 0),
        ("モデル" * 20, 3, 0, 3),
        ("half", 2, PICO, 1),
    ]
]
MANY = [
    make_stored(id=n, name=name, requests=1, cost_picousd=n * PICO) for n, name in enumerate([LONG, WIDE, "short"], 1)
]
STATS = SessionStats(
    sessions=9, duration_ms=9 * HOUR_MS, files_changed=3, commits=4, cost_picousd=PICO, total_tokens=10**7, requests=8,
    unpriced_requests=2, lower_bound_requests=0, list_price_requests=3,
)  # fmt: skip
RATES = {
    LONG: ModelRates(provider="anthropic", model="m", input=Decimal(3), output=Decimal(15), source="custom"),
    WIDE: ModelRates(
        provider="openai", model="m", input=Decimal("0.0036"), output=Decimal(1), cache_read=Decimal("0.5")
    ),
}
ANSWERS: dict[str, Callable[[Console], None]] = {
    "session": lambda console: render.session(console, busy(), TOTALS, files=True, commits=True),
    "sessions": lambda console: render.sessions(console, MANY, now_ms=NOW_MS + HOUR_MS),
    "stats": lambda console: render.stats(console, STATS),
    "run_summary": lambda console: render.run_summary(console, busy(), TOTALS),
    "prices": lambda console: render.prices(console, RATES),
    "recovered": lambda console: render.recovered(console, MANY, now_ms=NOW_MS + HOUR_MS),
    "no sessions": lambda console: render.sessions(console, [], now_ms=0),
    "no prices": lambda console: render.prices(console, {}),
}


def test_what_may_be_more_is_marked_wherever_it_is_said() -> None:
    """A cut stream or a call without a price: in the sum, in the model's, and in what a budget leaves."""
    cut = replace(TOTALS[0], model="cut", lower_bound_requests=1)
    said = drawn(lambda console: render.session(console, busy(budget_picousd=20 * PICO), [cut]))
    assert "≥ $12.00" in said
    assert "≤ $8.00 unspent" in said
    assert "≥ $1.00" in said
    assert "≥ $2.00 over" in drawn(lambda console: render.session(console, busy(budget_picousd=10 * PICO), []))


def test_totals_without_any_known_cost_are_no_amount() -> None:
    """And what makes a total a lower bound is said beside it."""
    nothing = replace(STATS, cost_picousd=0, requests=2, unpriced_requests=2, list_price_requests=0)
    cut = replace(STATS, unpriced_requests=0, lower_bound_requests=4)
    assert "unpriced  2 calls, 2 unpriced" in drawn(lambda console: render.stats(console, nothing))
    assert "≥ $1.00  8 calls, 4 at least, 3 at list price" in drawn(lambda console: render.stats(console, cut))


def test_tokens_of_bare_totals_are_told_beside_the_others() -> None:
    """Else prompt and answer would seem not to add up."""
    shown = drawn(lambda console: render.session(console, busy(total_tokens=133_335_332), []), width=120)
    assert "out (1M reasoning) · 2,000 not told apart" in shown


def test_where_a_session_is_after_a_call_by_hand_is_marked_too() -> None:
    """Its other calls may lack a price."""
    call = LoggedCall(request=make_request(), rates=None, session=busy().session, new=True)
    assert "is at ≥ $12.00" in drawn(lambda console: render.logged(console, call))


def test_refused_calls_are_counted_beside_those_that_were_made() -> None:
    """They cost nothing, and without them the summary would look as if nobody had asked."""
    shown = drawn(lambda console: render.run_summary(console, busy(), TOTALS, refused=2), width=120)
    assert "1 at least · 48 at list price · 2 refused" in shown
    assert "refused" not in drawn(lambda console: render.run_summary(console, busy(), TOTALS))


@pytest.mark.parametrize("width", [200, 80, 40, 20])
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_line_is_wider_than_the_terminal(answer: str, width: int) -> None:
    """Counted in cells: a wide character takes two."""
    for line in drawn(ANSWERS[answer], width=width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize("answer", ANSWERS)
def test_colours_are_for_terminals_only(answer: str) -> None:
    """A pipe gets the same words without a single escape."""
    piped = drawn(ANSWERS[answer])
    assert "\x1b" not in piped
    assert piped.strip()


def test_a_terminal_gets_its_emphasis() -> None:
    """Else nobody would notice that the styles were lost."""
    assert "\x1b[" in drawn(ANSWERS["session"], terminal=True)


@pytest.mark.parametrize("width", [120, 80, 60, 40])
def test_a_list_gives_up_names_and_columns_before_digits(width: int) -> None:
    """Numbers and costs are whole at any width; at 80 no heading is cut."""
    lines = drawn(ANSWERS["sessions"], width=width).splitlines()
    assert lines[0].split()[0] == "ID"
    assert lines[0].endswith("AI cost")
    for line, seen in zip(lines[1:], MANY, strict=False):
        assert line.split()[0] == str(seen.id)
        assert line.endswith(f"${seen.id}.00")
    headings = " ".join(lines[0].split())
    if width >= 80:
        assert headings == "ID Session Started Time Files Commits Tokens AI cost"
    assert "…" not in headings


def test_a_session_says_everything_once() -> None:
    """Cost with its doubt, budget, tokens, models, commits, files, notes."""
    shown = drawn(ANSWERS["session"])
    for words in (
        "session 1234",
        "completed in 5h 0m",
        "≥ $12.00",
        "1,234 calls · 2 unpriced · 1 at least · 48 at list price",
        "$8.00 unspent",
        "133.3M",
        "120M from cache",
        "1M reasoning",
        "61 files",
        "3 commits",
        "aaaaaaa",
        "and 11 more",
        "unpriced",
    ):
        assert words in shown, words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"requests": 0}, "-"),
        ({"requests": 3, "unpriced_requests": 3, "cost_picousd": 0}, "unpriced"),
        ({"requests": 3, "unpriced_requests": 1, "cost_picousd": PICO}, "≥ $1.00"),
        ({"requests": 3, "lower_bound_requests": 1, "cost_picousd": PICO}, "≥ $1.00"),
        ({"requests": 3, "cost_picousd": 0}, "$0.00"),
    ],
)
def test_an_unknown_cost_is_never_shown_as_a_known_one(changes: dict[str, object], words: str) -> None:
    """Nothing seen, nothing priced, partly priced, free: four different things."""
    assert render.cost_text(make_stored(**changes)).plain == words


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (0, "0"),
        (950, "950"),
        (9_999, "9,999"),
        (10_000, "10K"),
        (16_540, "16.5K"),
        (1_230_000, "1.2M"),
        (2 * 10**9, "2B"),
        (999_949, "999.9K"),
        (999_950, "1M"),
        (999_999_999_999, "1T"),
    ],
)
def test_token_counts_are_short(tokens: int, words: str) -> None:
    """Enough digits to compare."""
    assert render.compact(tokens) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "-"), ("3", "3.00"), ("0.5", "0.50"), ("0.0036", "0.0036"), ("15.0", "15.00"), ("1E+2", "100.00")],
)
def test_rates_have_cents_and_every_published_digit(value: str | None, words: str) -> None:
    """A price of $0.0036 is not $0.00."""
    assert render.rate(None if value is None else Decimal(value)) == words


@pytest.mark.parametrize(
    ("passed_ms", "words"),
    [(-5, "just now"), (59_000, "just now"), (60_000, "1m ago"), (HOUR_MS, "1h ago"), (75 * HOUR_MS, "3d ago")],
)
def test_times_are_told_from_now(passed_ms: int, words: str) -> None:
    """One unit is enough."""
    assert render.ago(NOW_MS, NOW_MS + passed_ms) == words


def test_prices_give_up_the_provider_before_the_names_of_models() -> None:
    """In forty columns nine models of one family must not look the same."""
    models = ["claude-opus-4-5", "claude-opus-4-6"]
    five, more = Decimal(5), Decimal(25)
    rates = {name: ModelRates(provider="anthropic", model=name, input=five, output=more) for name in models}
    shown = drawn(lambda console: render.prices(console, rates), width=40).splitlines()
    assert shown[0].split() == ["Model", "Input", "Cached", "Output"]
    assert [line.split()[0] for line in shown[1:3]] == models


def test_a_list_gives_up_columns_where_a_source_takes_room() -> None:
    """The name is what a session is found by."""
    logged = replace(MANY[0], name="checkout 2026-11-22", source="log", agent_name="claude-code", conversation_id="c1")
    listed = drawn(lambda console: render.sessions(console, [logged], now_ms=NOW_MS), width=80)
    assert "checkout 2026-11-22" in listed
    assert listed.split()[:6] == ["ID", "Session", "Source", "Started", "Time", "Tokens"]


def test_a_session_from_a_log_names_its_agent() -> None:
    """In a list only where there is one, and in the line below its name."""
    logged = replace(MANY[0], source="log", agent_name="claude-code", conversation_id="c1")
    listed = drawn(lambda console: render.sessions(console, [logged, MANY[1]], now_ms=NOW_MS), width=100)
    assert "Source" in listed
    assert [line.count("claude-code") for line in listed.splitlines()[1:3]] == [1, 0]
    shown = drawn(lambda console: render.session(console, replace(busy(), session=logged), ()), width=120)
    assert "from the log of claude-code" in shown
