"""`cs stats`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import show
from codesession.contract import stats_json


@click.command("stats")
@json_option
@click.pass_obj
def command(app: App, as_json: bool) -> None:
    """Totals over completed sessions."""
    from codesession.cli import render

    stats = app.sessions.stats()
    show(as_json, lambda: stats_json(stats), lambda console: render.stats(console, stats))
