"""`cs list`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import session_json


@click.command("list")
@click.option("-l", "--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many.")
@json_option
@click.pass_obj
def command(app: App, limit: int, as_json: bool) -> None:
    """List sessions, newest first."""
    sessions = app.sessions.newest_first(limit=limit)
    if as_json:
        print_json([session_json(session) for session in sessions])
        return
    from codesession.cli import render

    render.sessions(console(), sessions, now_ms=app.sessions.now_ms())
