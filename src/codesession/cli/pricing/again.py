"""`cs pricing reprice`"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.cli.report_options import since_ms
from codesession.contract import enveloped, repriced_json
from codesession.domain.times import epoch_ms


@click.command("reprice")
@click.option(
    "--since", metavar="DATE", help="Only calls from this day on: 2026-11-22, today, 7d; or 2026-11-22T12:00:00 in UTC."
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@json_option
@click.pass_obj
def reprice(app: App, since: str | None, dry_run: bool, as_json: bool) -> None:
    """
    Price the ledger again with today's prices, aliases and rules.

    Shows the old and the new total per model and why they differ, and applies the differences in one transaction.
    Costs that were given by hand or reported by the provider stay; the old figures are kept.
    """
    report = app.repricing.run(since_ms=0 if since is None else _moment(app, since), dry_run=dry_run)
    if as_json:
        print_json(enveloped(repriced_json(report)))
        return
    from codesession.cli.pricing import words

    words.repriced(console(), report)


def _moment(app: App, text: str) -> int:
    try:
        return epoch_ms(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC))
    except ValueError:  # no time of day, or no time at all: days are told apart there
        return since_ms(app, text)
