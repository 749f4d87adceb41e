"""
Compare what the sources of usage saw.

A call is one row of the ledger whoever saw it, with the set of its sources; rollups keep that set, so the answer
reads no calls. Logs miss calls that were billed (titles, classifiers, cut turns); a proxy misses agents that were
started without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import TYPE_CHECKING

from codesession.domain.reconciliation import AgentClaim, Coverage, Reconciliation, SourceView
from codesession.domain.report import Dimension, ReportRequest, UsageCell, UsageTotals
from codesession.domain.request import Source
from codesession.services.reports.spans import agent_shares, cells, dearness, model_shares, used_span

if TYPE_CHECKING:
    from codesession.store.base_reports import ReportStore

_ALWAYS = frozenset({str(Source.PROXY), str(Source.LOG)})
_Seen = list[tuple[frozenset[str], UsageCell]]


def reconcile(store: ReportStore, request: ReportRequest) -> Reconciliation:
    """What each source saw in the time asked for, what only it saw, and how far the others explain it."""
    by = (Dimension.SOURCE, Dimension.PROVIDER, Dimension.MODEL, Dimension.AGENT)
    seen = [(frozenset(cell.keys[0].split("+")), cell) for cell in cells(store, request, by)]
    views = [_view(source, seen) for source in sorted({name for names, _ in seen for name in names})]
    views = [view for view in views if view.seen.requests]
    views.sort(key=lambda view: (*dearness(view.seen), view.source))
    pairs = (_coverage(by, of, seen) for of, by in permutations([view.source for view in views], 2))
    return Reconciliation(
        timezone=request.zone_name,
        since=request.since,
        until=request.until,
        totals=_sum(cell for _, cell in seen),
        sources=tuple(views),
        coverages=tuple(pair for pair in pairs if pair.both.requests or {pair.by, pair.of} == _ALWAYS),
        claims=tuple(sorted(_claims(store, request), key=_gap)),
    )


def _claims(store: ReportStore, request: ReportRequest) -> Iterator[AgentClaim]:
    """
    What agents say of their own conversations, with what the ledger holds of the same calls.

    A fork's total goes on from that of the conversation it was made of: that one's calls count up to its first own.
    """
    span = used_span(store, request)
    if span is None:
        return
    for total in store.agent_totals(since_ms=span.start_ms, until_ms=span.end_ms):
        own = store.conversation_use(
            total.agent_name, total.conversation_id, since_ms=total.since_ms, until_ms=total.at_ms
        )
        forked_ms = total.at_ms if own.first_ms is None else own.first_ms - 1
        carried = [
            store.conversation_use(total.agent_name, origin, since_ms=total.since_ms, until_ms=forked_ms)
            for origin in total.carried_from
        ]
        yield AgentClaim(
            agent_name=total.agent_name,
            conversation_id=total.conversation_id,
            said=_used(0, total.input_tokens, total.output_tokens, total.cost_picousd),
            known=_used(
                own.requests + sum(use.requests for use in carried),
                own.input_tokens + sum(use.input_tokens for use in carried),
                own.output_tokens + sum(use.output_tokens for use in carried),
                own.cost_picousd + sum(use.cost_picousd for use in carried),
            ),
        )


def _used(requests: int, prompt: int, output: int, cost: int) -> UsageTotals:
    return UsageTotals(
        requests=requests,
        input_tokens=prompt,
        output_tokens=output,
        total_tokens=prompt + output,
        cost_picousd=cost,
    )


def _gap(claim: AgentClaim) -> tuple[int, str]:
    return claim.known.total_tokens - claim.said.total_tokens, claim.conversation_id


def _view(source: str, seen: _Seen) -> SourceView:
    only = [cell for names, cell in seen if names == {source} and cell.totals.requests]
    return SourceView(
        source=source,
        seen=_sum(cell for names, cell in seen if source in names),
        only=_sum(only),
        only_models=model_shares((cell.keys[1], cell.keys[2], cell.totals) for cell in only),
        only_agents=agent_shares((cell.keys[3], cell.totals) for cell in only),
    )


def _coverage(by: str, of: str, seen: _Seen) -> Coverage:
    return Coverage(
        by=by,
        of=of,
        both=_sum(cell for names, cell in seen if by in names and of in names),
        whole=_sum(cell for names, cell in seen if of in names),
    )


def _sum(found: Iterable[UsageCell]) -> UsageTotals:
    return UsageTotals.total(cell.totals for cell in found)
