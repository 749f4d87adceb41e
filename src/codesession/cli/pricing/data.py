"""`cs pricing update` and `cs pricing check`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json, writing
from codesession.contract import Json, enveloped


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


@click.command("update")
@click.option("--newest", is_flag=True, help="Fetch what genai-prices publishes today instead of the installed data.")
@click.option("--url", metavar="URL", help="Fetch it from here: a mirror of the same file.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--accept", is_flag=True, help="Take the data although a price moved more than tenfold.")
@json_option
@click.pass_obj
def update(app: App, newest: bool, url: str | None, dry_run: bool, accept: bool, as_json: bool) -> None:
    """
    Take newer prices.

    They come from the installed genai-prices (`pip install -U genai-prices` in the same environment brings newer
    ones), or with --newest over the network. Our corrections go on top either way. Stored costs stay as they are until
    `cs pricing reprice`.
    """
    from codesession.prices.update import update as renew

    folder = app.settings.price_data
    with writing(folder):
        report = renew(folder, today=_today(), newest=newest, url=url, accept=accept, dry_run=dry_run)
    if as_json:
        changes = [{"model": c.model, "change": c.what, "suspicious": c.suspicious} for c in report.changes]
        body = {"before": report.before, "after": report.after, "written": report.written, "changes": changes}
        print_json(enveloped(body))
        return
    from codesession.cli.pricing import words

    words.updated(console(), report)


@click.command("check")
@json_option
@click.pass_obj
def check(app: App, as_json: bool) -> None:
    """
    Say how old the prices are.

    And which models in the ledger have none, and which calls nobody told the usage of.
    """
    from codesession.prices.update import freshness

    fresh = freshness(app.prices.version, _today())
    lacking = app.exports.lacking(app.store.unpriced_models())
    if as_json:
        body = {"priceVersion": fresh.version, "date": fresh.date, "ageDays": fresh.age_days, "stale": fresh.stale}
        print_json(enveloped({**body, "unpriced": _models(lacking.price), "withoutUsage": _models(lacking.usage)}))
        return
    from codesession.cli.pricing import words

    words.checked(console(), fresh, lacking)


def _models(found: Sequence[tuple[str, str, int]]) -> list[Json]:
    return [{"provider": provider, "model": model, "calls": calls} for provider, model, calls in found]
