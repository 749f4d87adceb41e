"""`cs reconcile`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import show
from codesession.cli.report_options import asked, request_options
from codesession.contract_reports import reconciliation_json

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.cli.fitting import Kind
    from codesession.domain.reconciliation import AgentClaim, Coverage, Reconciliation, SourceView
    from codesession.domain.report import Currency

_COLUMNS: Sequence[tuple[str, Kind]] = (
    *(("Source", "wide"), ("Calls", "number"), ("Cost", "number")),
    *(("Only here", "number"), ("Cost", "number")),
)
_SHORT = 10
"""Conversations named whose agent says more than the ledger knows."""
_SHARES = 3
"""Models named for what only one source saw."""


@click.command("reconcile")
@request_options
@json_option
@click.pass_obj
def command(app: App, /, as_json: bool, **shared: Any) -> None:
    """
    Compare what the proxy, the agents' logs and the others saw.

    Calls are matched by the provider's id of the response. Shown is how much of one source another explains, and
    which calls only one of them has.
    """
    currency = app.settings.report_currency
    found = app.reports.reconcile(asked(app, **shared))
    show(
        as_json,
        lambda: reconciliation_json(found, currency),
        lambda console: _words(console, found, currency),
    )


def _words(console: Console, found: Reconciliation, currency: Currency | None) -> None:
    from rich.text import Text

    from codesession.cli.fitting import Fitted
    from codesession.cli.report_tables import cost_text

    if not found.sources:
        console.print("No call recorded in that time.")
        return
    table = Fitted(_COLUMNS, left_out=([1], [3, 4]), heads=True)
    for view in found.sources:
        seen, only = view.seen, view.only
        costs = (cost_text(seen, currency), cost_text(only, currency) if only.requests else "-")
        table.add_row(view.source, f"{seen.requests:,}", costs[0], f"{only.requests:,}", costs[1])
    console.print(table)
    console.print()
    views = {view.source: view for view in found.sources}
    for pair in found.coverages:
        console.print(Text(_sentence(pair, views[pair.of], currency)), overflow="fold")
    if not found.coverages:
        console.print("No call was seen by two sources, so none explains another.")
    _claims(console, found.claims)


def _claims(console: Console, claims: Sequence[AgentClaim]) -> None:
    """What agents say of themselves, and where the ledger knows less."""
    from codesession.cli.output import count, plain
    from codesession.domain.money import format_usd

    short = [claim for claim in claims if claim.share is not None and claim.share < 1]
    if not claims:
        return
    console.print()
    whole = count(len(claims), "conversation")
    if not short:
        console.print(f"Agents' own totals of {whole}: the ledger explains all of them.")
        return
    console.print(f"Agents' own totals of {whole}; the ledger explains less of {len(short):,}:")
    for claim in short[:_SHORT]:
        known, said = claim.known, claim.said
        name = f"{plain(claim.agent_name)} {plain(claim.conversation_id)}"
        tokens = f"{known.total_tokens:,} of {said.total_tokens:,} tokens in {count(known.requests, 'call')}"
        costs = f"{format_usd(known.cost_picousd)} here, {format_usd(said.cost_picousd)} by the agent"
        console.print(f"  {name}: {tokens}; {costs}", overflow="fold")
    if len(short) > _SHORT:
        console.print(f"  and {len(short) - _SHORT:,} more; --json names all")


def _sentence(pair: Coverage, view: SourceView, currency: Currency | None) -> str:
    """`log explains 84.5 % of what proxy saw; only proxy saw: 12 calls, $0.31, mostly claude-haiku-4-5`"""
    from codesession.cli.output import count

    unit = "" if pair.in_dollars else " (by calls)"
    said = f"{pair.by} explains {pair.share * 100:.1f} % of what {pair.of} saw{unit}"
    only = view.only
    if not only.requests:
        return f"{said}; nothing is known to {pair.of} alone."
    return f"{said}; only {pair.of} saw: {count(only.requests, 'call')}, {only.cost_text(currency)}, {_mostly(view)}."


def _mostly(view: SourceView) -> str:
    from codesession.cli.output import plain

    names = [plain(share.name or "unknown") for share in view.only_models]
    return f"{'mostly ' if len(names) > _SHARES else ''}{', '.join(names[:_SHARES])}"
