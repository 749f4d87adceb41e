"""The JSON of reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from codesession.contract_reports import cost_status, live_json, report_json, row_json, totals_json
from codesession.domain.live import LiveSnapshot
from codesession.domain.money import PICO
from codesession.domain.report import Burn, Currency, Report, ReportRow, Share, Span, UsageTotals
from support.usage import at

EURO = Currency(code="EUR", rate=Decimal("0.5"))
USED = UsageTotals(
    requests=3,
    unpriced_requests=1,
    lower_bound_requests=1,
    list_price_requests=1,
    input_tokens=100,
    cache_read_input_tokens=60,
    cache_write_input_tokens=10,
    output_tokens=20,
    reasoning_output_tokens=5,
    total_tokens=120,
    cost_picousd=3 * PICO,
)


def test_figures_have_their_documented_names() -> None:
    """The prompt is whole, and beside it without what a cache gave or took."""
    assert totals_json(USED) == {
        "calls": 3,
        "unpricedCalls": 1,
        "lowerBoundCalls": 1,
        "listPriceCalls": 1,
        "inputTokens": 100,
        "uncachedInputTokens": 30,
        "cacheReadTokens": 60,
        "cacheWriteTokens": 10,
        "outputTokens": 20,
        "reasoningTokens": 5,
        "totalTokens": 120,
        "costUsd": 3.0,
        "costStatus": "lower_bound",
    }


def test_an_unknown_cost_is_null_in_every_currency() -> None:
    """Never 0: nobody knows it."""
    unpriced = UsageTotals(requests=2, unpriced_requests=2)

    assert totals_json(unpriced, EURO)["costUsd"] is None
    assert totals_json(unpriced, EURO)["cost"] is None
    assert cost_status(unpriced) == "unknown"
    assert cost_status(UsageTotals()) == "complete"


def test_list_prices_leave_a_cost_complete_and_are_counted() -> None:
    """Nothing is missing from it; that it is not exact, the number beside it says."""
    listed = totals_json(UsageTotals(requests=298, list_price_requests=48, cost_picousd=PICO))

    assert (listed["costStatus"], listed["listPriceCalls"]) == ("complete", 48)


def test_the_own_currency_stands_beside_dollars() -> None:
    """Dollars stay the truth."""
    assert {key: totals_json(USED, EURO)[key] for key in ("costUsd", "cost", "currency")} == {
        "costUsd": 3.0,
        "cost": 1.5,
        "currency": "EUR",
    }


def test_a_report_names_what_was_asked() -> None:
    """Envelope, zone, limits, rows and their total."""
    row = ReportRow(
        label="2026-11-22",
        totals=USED,
        models=("opus",),
        breakdown=(Share(name="opus", provider="anthropic", totals=USED),),
        subagents=UsageTotals(),
    )
    body = report_json(
        Report(
            kind="daily",
            timezone="Asia/Kolkata",
            since=date(2026, 11, 1),
            until=None,
            rows=(row,),
            totals=USED,
            rows_found=1,
        )
    )

    assert body["schemaVersion"] == 1
    assert (body["report"], body["timezone"], body["since"], body["until"]) == (
        "daily",
        "Asia/Kolkata",
        "2026-11-01",
        None,
    )
    assert body["rows"][0]["date"] == "2026-11-22"
    assert body["rows"][0]["breakdown"][0]["model"] == "opus"
    assert body["rows"][0]["subagents"]["calls"] == 0
    assert body["totals"]["calls"] == body["rows"][0]["calls"] == 3


def test_an_open_window_carries_pace_and_projection() -> None:
    """In dollars, and in the own currency beside them."""
    burn = Burn(
        tokens_per_minute=7,
        cost_per_hour_picousd=PICO,
        remaining_ms=90_000,
        projected_tokens=99,
        projected_cost_picousd=4 * PICO,
    )
    span = Span(start_ms=at("2026-01-01T09:00"), end_ms=at("2026-01-01T14:00"))
    body = row_json("blocks", ReportRow(label=None, totals=USED, span=span, active=True, burn=burn), EURO)

    assert (body["block"], body["blockEnd"], body["isActive"]) == (
        "2026-01-01T09:00:00.000Z",
        "2026-01-01T14:00:00.000Z",
        True,
    )
    assert body["burnRate"] == {"tokensPerMinute": 7, "costUsdPerHour": 1.0, "costPerHour": 0.5}
    assert body["projection"] == {"totalTokens": 99, "costUsd": 4.0, "remainingMinutes": 1, "cost": 2.0}


def test_calls_of_no_session_are_a_row_without_a_number() -> None:
    """Null, not left out: the keys are the same in every row."""
    body = row_json("session", ReportRow(label=None, totals=USED))

    assert body["session"] is None
    assert body["name"] is None
    assert body["agents"] == []


def test_a_live_moment_has_its_sums() -> None:
    """The same figures as a report, plus pace."""
    seen = LiveSnapshot(
        at_ms=0,
        day=date(2026, 1, 1),
        today=USED,
        models=(),
        agents=(Share(name=None, totals=USED),),
        sessions=(),
        calls=(),
        minutes=(0,) * 59 + (PICO,),
    )
    body = live_json(seen)

    assert (body["date"], body["today"]["calls"], body["agents"][0]["agent"]) == ("2026-01-01", 3, None)
    assert (body["lastHourUsd"], body["paceUsdPerHour"]) == (1.0, 6.0)
