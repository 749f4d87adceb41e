"""`cs end`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option, session_option
from codesession.cli.output import show, warn
from codesession.contract import detail_json


@click.command("end")
@session_option
@click.option("-n", "--notes", help="Text to keep with the session.")
@json_option
@click.pass_obj
def command(app: App, session_id: int | None, notes: str | None, as_json: bool) -> None:
    """End a session and show what it cost: calls, commits, changed files."""
    from codesession.cli import render

    detail = app.sessions.end(session_id, app.directory, notes=notes)
    for warning in detail.warnings:
        warn(warning)
    show(
        as_json,
        lambda: detail_json(detail, files=True, commits=True),
        lambda console: render.session(
            console, detail, app.sessions.model_totals(detail.session.id), files=True, commits=True
        ),
    )
