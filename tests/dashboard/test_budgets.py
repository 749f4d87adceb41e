"""Budgets and alerts, made and changed here, and an alarm on new breaches only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open


def test_a_budget_is_made_changed_and_removed(scratch: Dashboard, open_page: Open) -> None:
    """It is the ledger's own: the commands see it at once."""
    page = open_page(scratch, "/budgets")
    page.get_by_role("button", name="New budget").click()
    page.get_by_label("Limit in dollars").fill("12.34")
    page.get_by_label("Name").fill("tiny")
    page.get_by_role("button", name="Save").click()
    card = page.get_by_role("article", name="tiny")
    expect(card).to_contain_text("$12.34")
    assert scratch.one("SELECT limit_picousd FROM budgets WHERE name = 'tiny'")[0] == 12_340_000_000_000

    card.get_by_role("button", name="Edit").click()
    page.get_by_label("Limit in dollars").fill("0.5")
    page.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("$0.5000")
    expect(card).to_contain_text("exceeded")

    card.get_by_role("button", name="Allow more").click()
    page.get_by_label("Dollars on top").fill("20")
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(card).to_contain_text("$20.00 allowed on top")

    card.get_by_role("button", name="Remove").click()
    card.get_by_role("button", name="Really remove").click()
    expect(card).to_have_count(0)


def test_a_wrong_limit_is_refused_in_words(scratch: Dashboard, open_page: Open) -> None:
    """The server decides, the form repeats what it said."""
    page = open_page(scratch, "/budgets", forgive="400")
    page.get_by_role("button", name="New budget").click()
    page.get_by_label("Limit in dollars").fill("a lot")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("is no amount in dollars")


def test_rules_are_added_and_removed(scratch: Dashboard, open_page: Open) -> None:
    """What one wants to be told is kept by the server."""
    page = open_page(scratch, "/budgets")
    page.get_by_label("Dollars per hour").fill("7.5")
    page.get_by_role("button", name="Add rule").click()
    rule = page.get_by_text("More than $7.50 per hour")
    expect(rule).to_be_visible()
    page.get_by_role("button", name="Remove: More than $7.50 per hour").click()
    expect(rule).to_have_count(0)


def test_a_rule_for_unusual_days_means_what_it_says(scratch: Dashboard, open_page: Open) -> None:
    """The example is one that is accepted, and the list has the words of `cs alerts`: percent of a usual day."""
    page = open_page(scratch, "/budgets")
    page.get_by_role("combobox", name="New rule").click()
    page.get_by_role("option", name="Unusual day").click()
    field = page.get_by_label("Percent of a usual day")
    field.fill(field.get_attribute("placeholder") or "")
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_text("A day over 150% of the usual")).to_be_visible()
    assert "when today passes 150% of the usual day" in scratch.cs("alerts", "list")


def test_only_a_new_breach_raises_the_alarm(scratch: Dashboard, open_page: Open) -> None:
    """Old breaches are history; a new one is told of at once, and once."""
    scratch.cs("budget", "set", "0.02", "--period", "month", "--name", "long since", "--action", "warn")
    scratch.cs("alerts", "check")
    page = open_page(scratch, "/budgets")
    expect(page.get_by_role("table")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)

    scratch.cs("budget", "set", "0.01", "--period", "month", "--name", "pennies", "--action", "warn")
    scratch.cs("alerts", "check")
    alert = page.get_by_role("alert").filter(has_text="pennies")
    expect(alert.first).to_be_visible()
    expect(alert.get_by_role("button", name="Close")).to_be_visible()
    page.reload()
    page.get_by_role("table").wait_for()
    expect(alert).to_have_count(0)


def test_a_dialog_that_still_closes_is_opened_for_another_budget(dashboard: Dashboard, open_page: Open) -> None:
    """With that one's limit, under the name that its card has."""
    page = open_page(dashboard, "/budgets")
    cards = page.get_by_role("article")
    limit = page.get_by_label("Limit in dollars")
    cards.nth(0).get_by_role("button", name="Edit").click()
    before = limit.input_value()
    page.evaluate(
        """() => {
            const edit = document.querySelectorAll("article")[1].querySelectorAll(".actions button")[1];
            document.querySelector("[role=dialog] button[aria-label=Close]").click();
            requestAnimationFrame(() => edit.click());
        }"""
    )
    name = cards.nth(1).get_attribute("aria-label")
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text(f"Change {name}")
    expect(limit).not_to_have_value(before)


@pytest.mark.parametrize(("path", "opener"), [("/budgets", "New budget"), ("/prices", "Add a price")])
def test_a_closed_dialog_gives_the_focus_back(dashboard: Dashboard, open_page: Open, path: str, opener: str) -> None:
    """Whoever works with keys goes on where they were; what closes it has a name."""
    page = open_page(dashboard, path)
    button = page.get_by_role("button", name=opener)
    for close in ("Escape", "Enter"):
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("textbox").first).to_be_focused()
        if close == "Enter":
            page.get_by_role("dialog").get_by_role("button", name="Close").focus()
        page.keyboard.press(close)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(button).to_be_focused()
