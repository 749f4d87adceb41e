"""`cs export`"""

from __future__ import annotations

import sys

import click

from codesession.app import App


@click.command("export")
@click.option(
    "--format", "kind", type=click.Choice(["json", "csv"]), default="json", show_default=True, help="What to write."
)
@click.option("-l", "--limit", type=click.IntRange(min=1), help="How many sessions; default: all.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def command(app: App, kind: str, limit: int | None, as_json: bool) -> None:
    """Write sessions, newest first, as JSON or CSV to stdout."""
    from codesession.cli import exporting

    if as_json or kind == "json":
        exporting.write_json(sys.stdout, app.sessions.export(limit=limit))
    else:
        exporting.write_csv(sys.stdout, app.sessions, limit=limit)
