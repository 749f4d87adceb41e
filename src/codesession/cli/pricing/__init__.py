"""`cs pricing`: look at prices, set your own, price records, keep the data fresh."""

from __future__ import annotations

import click

from codesession.cli.pricing.again import reprice
from codesession.cli.pricing.calc import calc
from codesession.cli.pricing.data import check, update
from codesession.cli.pricing.lists import list_prices
from codesession.cli.pricing.own import reset, set_price


@click.group("pricing")
def command() -> None:
    """Look at prices and set your own."""


for _part in (list_prices, set_price, reset, calc, check, update, reprice):
    command.add_command(_part)
