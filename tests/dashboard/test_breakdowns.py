"""Models, agents, projects, providers, sources; and what if."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from codesession.domain.money import format_usd

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open

COLUMNS = {"models": "request_model", "agents": "agent_name", "providers": "provider_name"}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_row_has_the_ledgers_cost(dashboard: Dashboard, open_page: Open, name: str) -> None:
    """Each value of the dimension once, with what its calls cost."""
    with dashboard.ledger() as ledger:
        values = [row[0] for row in ledger.execute(f"SELECT DISTINCT {COLUMNS[name]} FROM model_requests")]
    page = open_page(dashboard, f"/{name}?range=all")

    expect(page.locator("tbody tr")).to_have_count(len(values))
    for value in values:
        row = page.locator("tbody tr").filter(has=page.get_by_text(value, exact=True)).first
        expect(row.locator("td").last).to_have_text(dashboard.cost(f"{COLUMNS[name]} = ?", value))
    expect(page.locator("tfoot td").last).to_have_text(dashboard.cost())


@pytest.mark.parametrize("name", ["projects", "sources"])
def test_the_other_dimensions_sum_to_the_same(dashboard: Dashboard, open_page: Open, name: str) -> None:
    """However the calls are divided, they cost the same."""
    page = open_page(dashboard, f"/{name}?range=all")
    expect(page.locator("tfoot td").last).to_have_text(dashboard.cost())


def test_sorting_is_in_the_address_and_puts_unknown_last(dashboard: Dashboard, open_page: Open) -> None:
    """A model without a price is last however one sorts by what a call costs."""
    page = open_page(dashboard, "/models?range=all&sort=call&order=asc")
    expect(page.locator("tbody tr").last).to_contain_text("unpriced")
    page.get_by_role("button", name="Per call").click()
    expect(page).to_have_url(f"{dashboard.url}/models?range=all&sort=call")
    expect(page.locator("tbody tr").last).to_contain_text("unpriced")


def test_what_if_prices_the_same_calls_as_another_model(dashboard: Dashboard, open_page: Open) -> None:
    """The answer is the API's, which is the price book's; both choices are in the address."""
    asked = "modelName=claude-opus-5-5&providerName=anthropic&targetModel=gpt-6.2-sol&targetProvider=openai"
    answer = dashboard.ask(f"/usage/what-if?{asked}")
    page = open_page(dashboard, "/models?range=all")
    page.get_by_role("combobox", name="Calls of").click()
    page.get_by_role("option", name="anthropic / claude-opus-5-5").click()
    page.get_by_role("combobox", name="At the prices of").fill("gpt-6.2-sol")
    page.get_by_role("option", name="openai / gpt-6.2-sol", exact=True).click()

    panel = page.get_by_role("region", name="What if")
    expect(panel).to_contain_text(format_usd(round(answer["targetUsd"] * 10**10) * 100))
    expect(panel).to_contain_text("An estimate")
    expect(page).to_have_url(
        f"{dashboard.url}/models?range=all&what=anthropic+%2F+claude-opus-5-5&if=openai+%2F+gpt-6.2-sol"
    )
