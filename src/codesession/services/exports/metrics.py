"""
The ledger's sums in the Prometheus text format, version 0.0.4 (`text/plain; version=0.0.4; charset=utf-8`).

Written by hand: a handful of lines, and nothing to install. Sums come from the rollups, never from the calls.
Labels are provider, model and agent: their number is small. Projects and sessions are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from codesession.domain.money import from_picousd
from codesession.domain.pricing import decimal_string
from codesession.domain.report import CallFilter, Dimension, UsageTotals

if TYPE_CHECKING:
    from codesession.domain.budget import Standing
    from codesession.services.budgets.service import BudgetService
    from codesession.store.base import Store
    from codesession.store.base_reports import ReportStore

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_BY = (Dimension.PROVIDER, Dimension.MODEL, Dimension.AGENT)

Labels = Mapping[str, str]
Sample = tuple[Labels, str]


class Metrics:
    """Reads sums for a scrape. Belongs to one thread, as its stores."""

    def __init__(self, reports: ReportStore, store: Store, budgets: BudgetService) -> None:
        self._reports = reports
        self._store = store
        self._budgets = budgets

    def text(self) -> str:
        """Everything, as one scrape wants it; raises `StorageError`."""
        extent = self._reports.extent()
        cells = [] if extent is None else self._reports.usage(extent, by=_BY, where=CallFilter())
        used = [(dict(zip(("provider", "model", "agent"), cell.keys, strict=True)), cell.totals) for cell in cells]
        active = len(self._store.active_sessions())
        return "".join([*_usage(used), *_budgets(self._budgets.every()), *_sessions(active)])


def _usage(used: Sequence[tuple[Labels, UsageTotals]]) -> Iterator[str]:
    yield _family("calls_total", "counter", "Model calls.", ((who, str(t.requests)) for who, t in used))
    unpriced = ((who, str(t.unpriced_requests)) for who, t in used)
    yield _family("unpriced_calls_total", "counter", "Calls without a known cost, in no amount.", unpriced)
    lower = ((who, str(t.lower_bound_requests)) for who, t in used)
    yield _family("lower_bound_calls_total", "counter", "Calls whose cost is at least what is counted.", lower)
    listed = ((who, str(t.list_price_requests)) for who, t in used)
    yield _family("list_price_calls_total", "counter", "Calls counted at list price, for want of a fact.", listed)
    kinds = (({**who, "type": kind}, str(number)) for who, t in used for kind, number in _kinds(t))
    yield _family("tokens_total", "counter", "Tokens; the types exclude each other, output holds reasoning.", kinds)
    cost = ((who, _dollars(t.cost_picousd)) for who, t in used)
    yield _family("cost_usd_total", "counter", "Known cost in US dollars.", cost)


def _kinds(totals: UsageTotals) -> tuple[tuple[str, int], ...]:
    return (
        ("uncached_input", totals.uncached_input_tokens),
        ("cache_read", totals.cache_read_input_tokens),
        ("cache_write", totals.cache_write_input_tokens),
        ("output", totals.output_tokens),
    )


def _budgets(standings: Iterable[Standing]) -> Iterator[str]:
    found = [(_names_of(each), each) for each in standings]
    limits = ((who, _dollars(each.limit_picousd)) for who, each in found)
    yield _family("budget_limit_usd", "gauge", "What may be spent, with what was allowed on top.", limits)
    used = ((who, _dollars(each.used_picousd)) for who, each in found)
    yield _family("budget_used_usd", "gauge", "What is spent of it in this period, or may have been.", used)


def _names_of(standing: Standing) -> Labels:
    """Number and session tell budgets apart; the label is for people."""
    session = "" if standing.session_id is None else str(standing.session_id)
    budget = standing.budget
    return {
        "id": str(budget.id),
        "budget": budget.label,
        "scope": str(budget.scope),
        "period": str(budget.period),
        "session": session,
    }


def _sessions(active: int) -> Iterator[str]:
    yield _family("active_sessions", "gauge", "Sessions that still collect.", [({}, str(active))])


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP codesession_{name} {text}", f"# TYPE codesession_{name} {kind}"]
    lines += [f"codesession_{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _dollars(picousd: int) -> str:
    return decimal_string(from_picousd(picousd))
