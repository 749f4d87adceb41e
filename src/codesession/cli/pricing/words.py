"""Prices for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

from codesession.cli.output import count, plain
from codesession.domain.money import format_usd
from codesession.domain.pricing import decimal_string
from codesession.errors import CodesessionError

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.pricing import Cost, PriceLine
    from codesession.prices.update import Freshness, UpdateReport
    from codesession.services.exports.lacking import Lacking
    from codesession.services.repricing import RepricedModel, RepriceReport


def calculated(console: Console, priced: Iterator[tuple[Any, Cost | CodesessionError]]) -> int:
    """One bill per record, then the sum; returns how many records could not be read."""
    total, known, unknown, failed = Decimal(0), 0, 0, 0
    for number, (identity, cost) in enumerate(priced, 1):
        label = plain(str(identity)) if identity is not None else f"record {number}"
        if isinstance(cost, CodesessionError):
            failed += 1
            console.print(Text(f"{label}: {cost.message}", style="red"), overflow="fold")
            continue
        _bill(console, label, cost)
        if cost.usd is None:
            unknown += 1
        else:
            known += 1
            total += cost.usd
    unpriced = f", {unknown:,} unpriced" if unknown else ""
    bad = f", {failed:,} unreadable" if failed else ""
    console.print(Text(f"{known:,} priced{unpriced}{bad}: ${decimal_string(total)}", style="bold"))
    return failed


def _bill(console: Console, label: str, cost: Cost) -> None:
    amount = "unpriced" if cost.usd is None else f"${decimal_string(cost.usd)}"
    told = f"{label}  {amount}  {str(cost.status).replace('_', ' ')}"
    console.print(Text(told + (f"  {cost.model}" if cost.model else "")), overflow="fold")
    for line in cost.lines:
        console.print(Text(f"  {_words(line)}", style="dim"), overflow="fold")
    for warning in cost.warnings:
        console.print(Text(f"  ! {plain(warning)}", style="yellow"), overflow="fold")


def _words(line: PriceLine) -> str:
    """`900 uncached input x $3 per 1M = $0.0027`"""
    per = {1_000_000: " per 1M", 1_000: " per 1,000", 1: ""}.get(line.per, f" per {line.per:,}")
    times = f" x {decimal_string(line.multiplier)}" if line.multiplier != 1 else ""
    price = f"${decimal_string(line.price_usd)}{per}{times}"
    return f"{line.quantity:,} {line.item} x {price} = ${decimal_string(line.usd)}"


def updated(console: Console, report: UpdateReport) -> None:
    """What an update changed."""
    for change in report.changes:
        mark = "! " if change.suspicious else "  "
        console.print(Text(f"{mark}{plain(change.model)}: {plain(change.what)}"), overflow="fold")
    if not report.changes and report.before == report.after:
        console.print(f"Nothing changes: the prices are those of {report.before} already.", overflow="fold")
        return
    verb = "now at" if report.written else "would be at"
    changes = "1 change" if len(report.changes) == 1 else f"{len(report.changes):,} changes"
    console.print(f"{changes}; prices were at {report.before}, {verb} {report.after}.", overflow="fold")


def checked(console: Console, fresh: Freshness, lacking: Lacking) -> None:
    """How old the data is and what it lacks."""
    old = " (old: `cs pricing update --newest` fetches today's)" if fresh.stale else ""
    days = "1 day" if fresh.age_days == 1 else f"{fresh.age_days} days"
    console.print(f"Prices of {fresh.date}, {days} old{old}.")
    if not lacking.price and not lacking.usage:
        console.print("Every call in the ledger has a cost.")
    if lacking.price:
        console.print("Without a price:")
        _models(console, lacking.price)
        console.print("Set one: cs pricing set MODEL IN OUT, then `cs pricing reprice`.")
    if lacking.usage:
        console.print("Without a usage, which no price would help:")
        _models(console, lacking.usage)
        console.print("Their answers were cut, or told none; `cs import` finds what the agent's own log knows.")


def _models(console: Console, found: Sequence[tuple[str, str, int]]) -> None:
    for provider, model, calls in found:
        console.print(Text(f"  {plain(provider)}/{plain(model)}  {count(calls, 'call')}"), overflow="fold")


def repriced(console: Console, report: RepriceReport) -> None:
    """Old and new totals per model, and why."""
    if not report.models:
        console.print(f"{count(report.checked, 'call')} looked at; every cost stays.")
        return
    for row in report.models:
        told = (
            f"{plain(row.provider_name)}/{plain(row.model)}  {count(row.calls, 'call')}  {_from_to(row)}  {row.reason}"
        )
        console.print(Text(told), overflow="fold")
    verb = "would change" if report.dry_run else "changed"
    console.print(Text(f"{report.changed:,} of {count(report.checked, 'call')} {verb}.", style="bold"))


def _from_to(row: RepricedModel) -> str:
    old = "unpriced" if row.old_unpriced == row.calls else format_usd(row.old_picousd)
    new = "unpriced" if row.new_unpriced == row.calls else format_usd(row.new_picousd)
    return f"{old} -> {new}"
