"""Prices over the API."""

from __future__ import annotations

import json

from support.web_server import Dashboard


def test_prices_are_searched_and_paged(dashboard: Dashboard) -> None:
    """Exact decimals as text."""
    found = dashboard.get("/api/v1/prices?all=true&search=claude-sonnet-4-5&limit=1")

    assert found["found"] >= 1 and found["prices"][0]["input"] == "3" and found["prices"][0]["cacheRead"] == "0.3"


def test_an_own_price_is_added_changed_and_reset(dashboard: Dashboard) -> None:
    """It wins over the built-in one until it is reset, and is written as it was typed."""
    price = {"model": "claude-sonnet-4-5", "input": "7.10", "output": "9", "cacheWrite1h": "1.234567890123"}

    assert dashboard.ask("PUT", "/api/v1/prices", price).json == {"key": "claude-sonnet-4-5"}
    (own,) = dashboard.get("/api/v1/prices?own=true")["prices"]
    assert (own["input"], own["cacheWrite1h"], own["source"]) == ("7.1", "1.234567890123", "custom")
    kept = json.loads((dashboard.home / ".codesession" / "pricing.json").read_text())
    assert kept["claude-sonnet-4-5"]["output"] == 9

    assert dashboard.ask("DELETE", "/api/v1/prices?key=claude-sonnet-4-5").json == {"reset": ["claude-sonnet-4-5"]}
    assert dashboard.get("/api/v1/prices?own=true")["prices"] == []


def test_what_is_no_price_is_refused(dashboard: Dashboard) -> None:
    """Nothing is written; and nothing is reset by accident."""
    for bad in ("-1", "abc", "NaN", "1e99", ""):
        assert dashboard.ask("PUT", "/api/v1/prices", {"model": "m", "input": bad, "output": "1"}).status == 400
    assert dashboard.ask("DELETE", "/api/v1/prices").status == 400
    assert not (dashboard.home / ".codesession" / "pricing.json").exists()


def test_a_models_history_says_where_figures_come_from(dashboard: Dashboard) -> None:
    """Dated, with sources; an unknown model is not found."""
    prices = dashboard.get("/api/v1/prices/history?model=claude-sonnet-4-5&provider=anthropic")["prices"]

    assert prices and all(price["source"] for price in prices)
    assert dashboard.ask("GET", "/api/v1/prices/history?model=no-such").status == 404
