"""`cs pricing reprice`"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import enveloped, repriced_json


@click.command("reprice")
@click.option(
    "--since",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only calls since then, in UTC: 2026-11-01 or 2026-11-01T12:00:00.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@json_option
@click.pass_obj
def reprice(app: App, since: datetime | None, dry_run: bool, as_json: bool) -> None:
    """
    Price the ledger again with today's prices, aliases and rules.

    Shows the old and the new total per model and why they differ, and applies the differences in one transaction.
    Costs that were given by hand or reported by the provider stay; the old figures are kept.
    """
    since_ms = 0 if since is None else int(since.replace(tzinfo=UTC).timestamp() * 1000)
    report = app.repricing.run(since_ms=since_ms, dry_run=dry_run)
    if as_json:
        print_json(enveloped(repriced_json(report)))
        return
    from codesession.cli.pricing import words

    words.repriced(console(), report)
