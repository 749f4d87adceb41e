"""Pricing the ledger again: what changes, why, and that nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.pricing import CostStatus
from codesession.domain.request import CallContext, ModelRequest, Observation, Source
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.overrides import reset_prices, set_price
from codesession.services.recording import Recording, ReportedCall
from codesession.services.repricing import RepriceReport, Repricing
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session

DAY_MS = 86_400_000
SONNET = 18_000_000_000
"""Pico-dollars of 1,000 tokens in and 1,000 out at $3 and $15."""


class Ledger:
    """A ledger with one session, and prices that the user may change."""

    def __init__(self, folder: Path) -> None:
        self.prices = folder / "pricing.json"
        self.database = SqliteDatabase(folder / "sessions.db", now_ms=NOW_MS)
        self.store = SqlStore(self.database)
        session = self.store.create_session(make_session("/code"), exclusive=False)
        assert session is not None
        self.session = session
        self.aliases: dict[str, str] = {}

    def book(self) -> PriceBook:
        return PriceBook.load(overrides_path=self.prices, aliases=self.aliases)

    @property
    def recording(self) -> Recording:
        return Recording(self.store, self.book, lambda: NOW_MS)

    def call(self, model: str, at_ms: int = NOW_MS, provider: str = "anthropic", **more: Any) -> None:
        """Record 1,000 tokens in and 1,000 out, as the proxy would."""
        values: dict[str, Any] = {
            "provider_name": provider,
            "api": "anthropic.messages",
            "request_model": model,
            "response_id": f"msg_{model}_{at_ms}_{len(self.calls())}",
            "parts": (UsagePart(usage=TokenUsage(input_tokens=1000, output_tokens=1000)),),
        }
        context = CallContext(source=Source.PROXY, started_at_ms=at_ms, session_id=self.session.id, project="/code")
        self.recording.record([Observation(response=ModelResponse(**{**values, **more}), context=context)])

    def calls(self) -> list[ModelRequest]:
        return self.store.requests(self.session.id, limit=None)

    def reprice(self, **options: Any) -> RepriceReport:
        return Repricing(self.store, self.book, lambda: NOW_MS + DAY_MS).run(**options)

    def revisions(self) -> list[tuple[Any, ...]]:
        columns = "request_id, revised_at_ms, reason, old_cost_picousd, old_cost_status, old_cost_source"
        return [tuple(row) for row in self.database.query(f"SELECT {columns} FROM cost_revisions ORDER BY id", {})]

    def totals(self) -> tuple[int, int, int]:
        """Calls, cost and unpriced calls as session counters and as rollups: they must say the same."""
        session = self.store.session(self.session.id)
        assert session is not None
        counted = (session.requests, session.cost_picousd, session.unpriced_requests)
        names = "SUM(requests), SUM(cost_picousd), SUM(unpriced_requests)"
        (rolled,) = self.database.query(f"SELECT {names} FROM usage_rollups", {})
        assert tuple(rolled) == counted
        return counted


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path)
    yield made
    made.database.close()


def own_price(ledger: Ledger, model: str, price: str = "1") -> None:
    set_price(ledger.prices, model, {"input": price, "output": price})


def test_nothing_changes_when_nothing_changed(ledger: Ledger) -> None:
    """Every kind of call comes out as it went in, warnings and all."""
    ledger.call("claude-sonnet-4-5")
    ledger.call("claude-sonnet-4-5", warnings=("cache writes are not split by time-to-live",))
    ledger.call("claude-sonnet-4-5", complete=False)
    ledger.call("claude-opus-5", facts=BillingFacts(speed="fast", inference_geo="us", web_search_requests=2))
    ledger.call("acme-1", provider="acme")
    ledger.call("claude-sonnet-4-5", parts=())
    ledger.recording.log(
        ReportedCall(provider="anthropic", model="claude-sonnet-4-5", total_tokens=1000), ledger.session
    )
    before = ledger.calls()
    report = ledger.reprice()
    assert (report.checked, report.changed, report.models) == (7, 0, [])
    assert ledger.calls() == before
    assert ledger.revisions() == []


def test_a_model_that_became_known_gets_its_price(ledger: Ledger) -> None:
    """The user set one: the call, the session's counters and the rollups follow, the old state is kept."""
    ledger.call("acme-1", provider="acme")
    ledger.call("claude-sonnet-4-5")
    assert ledger.totals() == (2, SONNET, 1)
    own_price(ledger, "acme-1")
    report = ledger.reprice()
    (row,) = report.models
    assert (row.provider_name, row.model, row.reason, row.calls) == ("acme", "acme-1", "your own price", 1)
    assert (row.old_picousd, row.new_picousd, row.old_unpriced, row.new_unpriced) == (0, 2_000_000_000, 1, 0)
    assert ledger.totals() == (2, SONNET + 2_000_000_000, 0)
    priced = ledger.calls()[0]
    assert (priced.cost_picousd, priced.cost_status, priced.cost_source) == (2_000_000_000, CostStatus.EXACT, "custom")
    assert ledger.revisions() == [(priced.id, NOW_MS + DAY_MS, "your own price", None, "unknown", None)]


def test_a_dry_run_shows_the_same_and_writes_nothing(ledger: Ledger) -> None:
    """Not a row, not a counter, not a revision."""
    ledger.call("claude-sonnet-4-5")
    own_price(ledger, "claude-sonnet-4-5")
    before = (ledger.calls(), ledger.totals(), ledger.revisions())
    dry = ledger.reprice(dry_run=True)
    assert (ledger.calls(), ledger.totals(), ledger.revisions()) == before
    assert dry.dry_run
    assert dry.models == ledger.reprice().models


def test_repricing_twice_changes_nothing_more(ledger: Ledger) -> None:
    """And every figure that was replaced is in the revisions, in order."""
    ledger.call("claude-sonnet-4-5")
    own_price(ledger, "claude-sonnet-4-5")
    assert ledger.reprice().changed == 1
    assert ledger.reprice().changed == 0
    reset_prices(ledger.prices)
    report = ledger.reprice()
    assert [row.reason for row in report.models] == ["your own price is gone"]
    assert ledger.totals() == (1, SONNET, 0)
    assert [row[2:] for row in ledger.revisions()] == [
        ("your own price", SONNET, "exact", "built-in"),
        ("your own price is gone", 2_000_000_000, "exact", "custom"),
    ]


def test_an_alias_prices_what_it_stands_for(ledger: Ledger) -> None:
    """An Azure deployment, told what it is."""
    ledger.call("my-deployment", provider="azure")
    ledger.aliases["my-deployment"] = "gpt-5"
    report = ledger.reprice()
    assert [(row.reason, row.new_picousd) for row in report.models] == [("model is known now", 11_250_000_000)]
    assert ledger.calls()[0].price_model == "openai/gpt-5"
    ledger.aliases["my-deployment"] = "gpt-5-mini"
    assert [row.reason for row in ledger.reprice().models] == ["alias or model name"]
    ledger.aliases.clear()
    assert [row.reason for row in ledger.reprice().models] == ["model is not known any more"]
    assert ledger.totals() == (1, 0, 1)


@pytest.mark.parametrize("given", [{"cost_status": CostStatus.MANUAL}, {"cost_status": CostStatus.REPORTED}])
def test_what_somebody_said_stays(ledger: Ledger, given: dict[str, Any]) -> None:
    """A cost given by hand or billed by the provider is no question of price lists."""
    evidence = json.dumps({"api": "x", "parts": [{"usage": {"input_tokens": 10}}]})
    ledger.store.add_request(make_request(session_id=ledger.session.id, billing=evidence, **given))
    assert ledger.reprice().changed == 0


def test_a_reported_cost_stays_when_the_list_changes(ledger: Ledger) -> None:
    """OpenRouter said what it charged."""
    ledger.call("acme/x", provider="openrouter", facts=BillingFacts(reported_cost_usd=Decimal("0.5")))
    own_price(ledger, "acme/x")
    assert ledger.reprice().changed == 0
    assert ledger.totals() == (1, 500_000_000_000, 0)


@pytest.mark.parametrize("billing", [None, '{"npm":{"id":1}}'])
def test_a_call_without_evidence_stays(ledger: Ledger, billing: str | None) -> None:
    """Taken over from another tool: its cost is all there is."""
    ledger.store.add_request(make_request(session_id=ledger.session.id, billing=billing))
    own_price(ledger, "claude-sonnet-4-5", "9")
    report = ledger.reprice()
    assert (report.checked, report.changed) == (1, 0)


def test_only_calls_since_a_moment(ledger: Ledger) -> None:
    """Older ones are not even looked at."""
    for days in (3, 2, 1):
        ledger.call("claude-sonnet-4-5", NOW_MS - days * DAY_MS)
    own_price(ledger, "claude-sonnet-4-5")
    report = ledger.reprice(since_ms=NOW_MS - 2 * DAY_MS)
    assert (report.checked, report.changed) == (2, 2)
    assert sorted(call.cost_picousd or 0 for call in ledger.calls()) == [2_000_000_000, 2_000_000_000, SONNET]


def test_each_call_is_priced_at_its_own_day(ledger: Ledger) -> None:
    """A repricing never brings today's price to an old call."""
    ledger.call("o3", 1_746_100_800_000, provider="openai")  # 2025-05-01
    ledger.call("o3", 1_756_684_800_000, provider="openai")  # 2025-09-01
    assert ledger.reprice().changed == 0
    assert [call.cost_picousd for call in ledger.calls()] == [50_000_000_000, 10_000_000_000]


def test_a_bare_total_stays_a_guess(ledger: Ledger) -> None:
    """Its split was a rule of thumb; a new price does not make it exact."""
    ledger.recording.log(
        ReportedCall(provider="anthropic", model="claude-sonnet-4-5", total_tokens=1000), ledger.session
    )
    own_price(ledger, "claude-sonnet-4-5")
    assert ledger.reprice().changed == 1
    assert ledger.calls()[0].cost_status is CostStatus.LIST_PRICE


def test_a_failure_in_the_middle_leaves_everything_as_it_was(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: the first call is not changed when the second cannot be."""
    for model in ("claude-sonnet-4-5", "claude-opus-5"):
        ledger.call(model)
        own_price(ledger, model)
    before = (ledger.calls(), ledger.totals())
    price: Callable[..., Any] = PriceBook.price

    def failing(book: PriceBook, response: ModelResponse, at_ms: int) -> Any:
        if response.request_model == "claude-opus-5":
            raise RuntimeError("the disk is full")
        return price(book, response, at_ms)

    monkeypatch.setattr(PriceBook, "price", failing)
    with pytest.raises(RuntimeError):
        ledger.reprice()
    assert (ledger.calls(), ledger.totals(), ledger.revisions()) == (*before, [])


def test_a_ledger_larger_than_a_page_is_read_to_its_end(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages follow each other by id, also while their rows change."""
    monkeypatch.setattr("codesession.store.calls._PAGE", 3)
    for index in range(10):
        ledger.call("claude-sonnet-4-5", NOW_MS - index)
    own_price(ledger, "claude-sonnet-4-5")
    report = ledger.reprice()
    assert (report.checked, report.changed) == (10, 10)
    assert ledger.totals() == (10, 20_000_000_000, 0)


def test_the_largest_change_comes_first(ledger: Ledger) -> None:
    """What matters is on top, also when it became cheaper."""
    for model, price in (("claude-haiku-4-5", "2"), ("claude-opus-5", "1"), ("claude-sonnet-4-5", "3")):
        ledger.call(model)
        own_price(ledger, model, price)
    assert [row.model for row in ledger.reprice().models] == ["claude-opus-5", "claude-sonnet-4-5", "claude-haiku-4-5"]
