"""`cs note`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option, session_option
from codesession.cli.output import plain, show
from codesession.contract import enveloped, note_json


@click.command("note")
@click.argument("text")
@session_option
@json_option
@click.pass_obj
def command(app: App, text: str, session_id: int | None, as_json: bool) -> None:
    """Keep a remark with the session."""
    note, session = app.sessions.note(text, session_id, app.directory)
    show(
        as_json,
        lambda: enveloped(note_json(note)),
        lambda console: console.print(f'Noted in session {session.id} "{plain(session.name)}".'),
    )
