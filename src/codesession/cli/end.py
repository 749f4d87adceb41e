"""`cs end`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option, session_option
from codesession.cli.output import console, print_json, warn
from codesession.contract import detail_json


@click.command("end")
@session_option
@click.option("-n", "--notes", help="Text to keep with the session.")
@json_option
@click.pass_obj
def command(app: App, session_id: int | None, notes: str | None, as_json: bool) -> None:
    """End a session and show what it cost: calls, commits, changed files."""
    detail = app.sessions.end(session_id, app.directory, notes=notes)
    for warning in detail.warnings:
        warn(warning)
    if as_json:
        print_json(detail_json(detail, files=True, commits=True))
        return
    from codesession.cli import render

    render.session(console(), detail, app.sessions.model_totals(detail.session.id), files=True, commits=True)
