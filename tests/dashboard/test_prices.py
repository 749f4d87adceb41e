"""Prices: looked up, set, reset, with their history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open


def test_a_price_is_found_with_its_history_and_sources(dashboard: Dashboard, open_page: Open) -> None:
    """Search on the server; a row opens to every dated price and where it comes from."""
    page = open_page(dashboard, "/prices")
    page.keyboard.press("/")
    page.keyboard.type("opus-5-5")
    expect(page).to_have_url(f"{dashboard.url}/prices?search=opus-5-5")
    row = page.locator("tbody tr").filter(has=page.get_by_text("claude-opus-5-5", exact=True)).first
    expect(row).to_contain_text("$4.00")
    expect(row).to_contain_text("$20.00")

    row.get_by_role("button", name="History of").click()
    history = dashboard.ask("/prices/history?model=claude-opus-5-5&provider=anthropic")["prices"]
    table = page.get_by_role("region", name="History of claude-opus-5-5")
    expect(table.locator("tbody tr")).to_have_count(len(history))


def test_an_own_price_is_set_and_reset(scratch: Dashboard, open_page: Open) -> None:
    """It is written where the commands read it, and the built-in one holds again afterwards."""
    page = open_page(scratch, "/prices?search=claude-opus-5-5")
    page.get_by_role("button", name="Edit claude-opus-5-5", exact=True).click()
    page.get_by_label("Input, $ per million").fill("3.21")
    page.get_by_role("button", name="Save").click()
    own = page.locator("tbody tr").filter(has_text="$3.21")
    expect(own).to_contain_text("own")
    expect(page.locator("tbody tr").filter(has_text="replaced")).to_contain_text("$4.00")
    kept = json.loads((scratch.home / ".codesession" / "pricing.json").read_text())
    assert float(kept["anthropic/claude-opus-5-5"]["input"]) == 3.21

    own.get_by_role("button", name="Reset").click()
    expect(own).to_have_count(0)
    expect(page.locator("tbody tr").filter(has_text="replaced")).to_have_count(0)


def test_a_price_for_a_new_model_is_added(scratch: Dashboard, open_page: Open) -> None:
    """A model nobody knows gets a price."""
    page = open_page(scratch, "/prices")
    page.get_by_role("button", name="Add a price").click()
    page.get_by_label("Model", exact=False).first.fill("house-model")
    page.get_by_label("Input, $ per million").fill("1.5")
    page.get_by_label("Output, $ per million").fill("6")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.goto(f"{scratch.url}/prices?shown=own")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("house-model")
