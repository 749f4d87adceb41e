"""`cs status`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option, session_option
from codesession.cli.output import console, print_json
from codesession.contract import status_json


@click.command("status")
@session_option
@click.option("--all", "all_calls", is_flag=True, help="With --json: every call, not only the newest 1,000.")
@json_option
@click.pass_obj
def command(app: App, session_id: int | None, all_calls: bool, as_json: bool) -> None:
    """Show the session you are in: time, cost, tokens, calls, notes."""
    detail = app.sessions.status(session_id, app.directory, all_calls=all_calls)
    if as_json:
        print_json(status_json(detail))
        return
    from codesession.cli import render

    render.session(console(), detail, app.sessions.model_totals(detail.session.id))
