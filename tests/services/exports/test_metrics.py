"""What a scrape reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codesession.app import App
from codesession.domain.budget import BudgetScope, NewBudget
from codesession.domain.pricing import CostStatus
from codesession.domain.usage import TokenUsage
from support.ledger import make_request, make_session


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App({"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, tmp_path)


def test_sums_are_counted_by_provider_model_and_agent(app: App) -> None:
    """Money exact, types of tokens apart, names escaped; the whole text is what Prometheus reads."""
    usage = TokenUsage(input_tokens=10, cache_read_input_tokens=3, cache_write_input_tokens=2, output_tokens=7)
    session = app.store.create_session(make_session(), exclusive=False)
    assert session is not None
    for cost in (1, 2):
        app.store.add_request(make_request(usage=usage, cost_picousd=cost, agent_name='a"\\\nb', session_id=session.id))
    app.store.add_request(make_request(usage=usage, cost_picousd=None, request_model="other"))
    app.store.add_request(make_request(request_model="listed", cost_picousd=0, cost_status=CostStatus.LIST_PRICE))
    app.budgets.set(NewBudget(scope=BudgetScope.GLOBAL, limit_picousd=5 * 10**12, name="all"))

    lines = app.metrics.text().splitlines()

    who = '{provider="anthropic",model="claude-sonnet-4-5",agent="a\\"\\\\\\nb"}'
    assert f"codesession_calls_total{who} 2" in lines
    assert f"codesession_cost_usd_total{who} 0.000000000003" in lines
    other = 'provider="anthropic",model="other",agent=""'
    assert f"codesession_unpriced_calls_total{{{other}}} 1" in lines
    listed = 'provider="anthropic",model="listed",agent=""'
    assert f"codesession_list_price_calls_total{{{listed}}} 1" in lines
    for kind, number in (("uncached_input", 5), ("cache_read", 3), ("cache_write", 2), ("output", 7)):
        assert f'codesession_tokens_total{{{other},type="{kind}"}} {number}' in lines
    assert "codesession_active_sessions 1" in lines
    budget = 'id="1",budget="all",scope="global",period="total",session=""'
    assert f"codesession_budget_limit_usd{{{budget}}} 5" in lines
    assert f"codesession_budget_used_usd{{{budget}}} 0.000000000003" in lines


def test_prometheus_own_reader_takes_it(app: App) -> None:
    """Every family has a type and ends in a line break; an empty ledger too."""
    parser = pytest.importorskip("prometheus_client.parser", reason="prometheus-client is not installed")
    assert {each.name: len(each.samples) for each in parser.text_string_to_metric_families(app.metrics.text())} == {
        "codesession_calls": 0,
        "codesession_unpriced_calls": 0,
        "codesession_lower_bound_calls": 0,
        "codesession_list_price_calls": 0,
        "codesession_tokens": 0,
        "codesession_cost_usd": 0,
        "codesession_budget_limit_usd": 0,
        "codesession_budget_used_usd": 0,
        "codesession_active_sessions": 1,
    }
