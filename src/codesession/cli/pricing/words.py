"""Prices for people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

from codesession.cli.output import plain
from codesession.domain.pricing import decimal_string
from codesession.errors import CodesessionError

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.pricing import Cost, PriceLine


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
