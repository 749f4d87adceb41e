"""Sums, charts, heatmaps, names."""

from __future__ import annotations

from datetime import UTC, datetime

from codesession.app import now_ms
from codesession.domain.request import UsageStatus
from codesession.domain.session import Session
from support.ledger import make_request
from support.web_server import Dashboard


def days() -> str:
    """From yesterday to today in UTC: where the session's calls are."""
    now = datetime.now(UTC)
    return f"zone=UTC&since={datetime.fromtimestamp(now.timestamp() - 86400, UTC):%Y-%m-%d}&until={now:%Y-%m-%d}"


def test_sums_can_be_filtered(dashboard: Dashboard, session: Session) -> None:
    """By agent, project and model; alternatives add up."""
    everything = dashboard.get("/api/v1/usage")["usage"]
    codex = dashboard.get("/api/v1/usage?agent=codex")["usage"]
    both = dashboard.get("/api/v1/usage?agent=codex&agent=claude-code&project=shop")["usage"]

    assert (everything["calls"], codex["calls"], both["calls"]) == (3, 1, 3)
    assert everything["uncachedInputTokens"] == 900 and everything["reasoningTokens"] == 150


def test_a_chart_has_a_layer_per_value_and_no_gaps(dashboard: Dashboard, session: Session) -> None:
    """The layers of all points come to the totals."""
    chart = dashboard.get(f"/api/v1/usage/series?by=agent&{days()}")

    assert len(chart["points"]) == 2 and chart["names"] == ["claude-code", "codex"]
    assert sum(part["calls"] for point in chart["points"] for part in point["parts"]) == chart["totals"]["calls"] == 3


def test_hours_need_a_span(dashboard: Dashboard) -> None:
    """Ten thousand points are no chart."""
    assert dashboard.ask("GET", "/api/v1/usage/series?bucket=hour").status == 400
    assert len(dashboard.get(f"/api/v1/usage/series?bucket=hour&{days()}")["points"]) == 48


def test_a_heatmap_has_a_week_of_hours(dashboard: Dashboard, session: Session) -> None:
    """Seven days, 24 hours, every call in one of them."""
    weekdays = dashboard.get("/api/v1/usage/heatmap?zone=Asia/Kolkata")["weekdays"]

    assert [len(hours) for hours in weekdays] == [24] * 7
    assert sum(cell["calls"] for hours in weekdays for cell in hours) == 3


def test_a_layer_and_an_hour_say_whether_more_was_spent(dashboard: Dashboard, session: Session) -> None:
    """As sums do, where a call is known in part."""
    partial = make_request(agent_name="partly", started_at_ms=now_ms(), usage_status=UsageStatus.LOWER_BOUND)
    dashboard.app.store.add_request(partial)
    chart = dashboard.get(f"/api/v1/usage/series?by=agent&{days()}")
    cells = [cell for hours in dashboard.get("/api/v1/usage/heatmap?zone=UTC")["weekdays"] for cell in hours]

    last = dict(zip(chart["names"], chart["points"][-1]["parts"], strict=True))
    assert {name for name, part in last.items() if part["costIsLowerBound"]} == {"partly"}
    assert sum(cell["costIsLowerBound"] for cell in cells) == 1


def test_filters_can_choose_from_what_there_is(dashboard: Dashboard, session: Session) -> None:
    """Dearest first."""
    names = dashboard.get("/api/v1/usage/names")

    assert names["models"] == ["claude-sonnet-4-5", "gpt-5"] and names["projects"] == ["/code/shop"]
    assert names["sources"] == ["proxy"]


def test_what_the_cache_saved_is_told_in_dollars(dashboard: Dashboard, session: Session) -> None:
    """Two Sonnet calls: 1,200 read at $0.30 instead of $3, 200 written at $3.75; one GPT-5: 600 at $0.125 for $1.25."""
    saved = dashboard.get("/api/v1/usage/cache")

    assert saved["savedUsd"] == round((1200 * 2.7 - 200 * 0.75 + 600 * 1.125) / 1e6, 10)
    assert saved["cacheHitRate"] == 0.6


def test_a_breakdown_has_shares_ratios_and_trends(dashboard: Dashboard, session: Session) -> None:
    """Shares are of all rows, also of those on other pages."""
    page = dashboard.get(f"/api/v1/usage/by/model?limit=1&{days()}")

    (row,) = page["rows"]
    assert (page["rowsFound"], row["label"], row["share"]) == (2, "claude-sonnet-4-5", 0.666667)
    assert (row["cacheHitRate"], row["reasoningShare"], row["inputPerOutput"]) == (0.6, 0.25, 5.0)
    assert (row["costPerCallUsd"], row["costPer1kOutputUsd"]) == (0.0045, 0.0225)
    assert len(row["trend"]) == len(page["trendLabels"]) == 2 and round(sum(row["trend"]), 10) == 0.009


def test_another_models_price_is_estimated_on_both_sides_alike(dashboard: Dashboard, session: Session) -> None:
    """The same model costs the same; a cheaper one less; an unknown one is an error."""
    path = "/api/v1/usage/what-if?modelName=claude-sonnet-4-5&targetModel="
    same, cheaper = dashboard.get(path + "claude-sonnet-4-5"), dashboard.get(path + "claude-haiku-4-5")

    assert same["ownListUsd"] == same["targetUsd"] and same["differenceUsd"] == 0
    assert cheaper["differenceUsd"] < 0 and cheaper["usage"]["calls"] == 2
    assert dashboard.ask("GET", path + "no-such-model").code == "unknown_model"
