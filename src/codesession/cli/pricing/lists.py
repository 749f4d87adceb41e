"""`cs pricing list`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import enveloped, rates_json


@click.command("list")
@click.argument("search", required=False)
@click.option("--provider", help="Only this provider's models.")
@click.option("--all", "everything", is_flag=True, help="Every known model, not only those people use now.")
@json_option
@click.pass_obj
def list_prices(app: App, search: str | None, provider: str | None, everything: bool, as_json: bool) -> None:
    """List models and what a million of their tokens costs today."""
    from codesession.app import now_ms

    found = app.prices.listing(all=everything, provider=provider, search=search, at_ms=now_ms())
    if as_json:
        models = {name: rates_json(rates) for name, rates in found.items()}
        print_json(enveloped({"models": models, "priceVersion": app.prices.version}))
        return
    from codesession.cli import render

    render.prices(console(), found)
