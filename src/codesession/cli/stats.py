"""`cs stats`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import stats_json


@click.command("stats")
@json_option
@click.pass_obj
def command(app: App, as_json: bool) -> None:
    """Totals over completed sessions."""
    stats = app.sessions.stats()
    if as_json:
        print_json(stats_json(stats))
        return
    from codesession.cli import render

    render.stats(console(), stats)
