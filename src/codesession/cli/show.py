"""`cs show`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import detail_json
from codesession.errors import SessionNotFoundError

_LONGEST = 40
"""So much of what is no session's number is repeated."""


@click.command("show")
@click.argument("session_id", metavar="[ID]", required=False)
@click.option("--files", is_flag=True, help="List the changed files.")
@click.option("--commits", is_flag=True, help="List the commits.")
@click.option("--all", "all_calls", is_flag=True, help="With --json: every call, not only the newest 1,000.")
@json_option
@click.pass_obj
def command(app: App, session_id: str | None, files: bool, commits: bool, all_calls: bool, as_json: bool) -> None:
    """Show one session, by default the newest."""
    if session_id is None:
        detail = app.sessions.newest(all_calls=all_calls)
    elif session_id.isascii() and session_id.isdigit() and len(session_id) < 19:
        detail = app.sessions.detail(int(session_id), all_calls=all_calls)
    else:
        raise SessionNotFoundError(session_id if len(session_id) <= _LONGEST else session_id[:_LONGEST] + "…")
    if as_json:
        print_json(detail_json(detail, files=files, commits=commits))
        return
    from codesession.cli import render

    render.session(console(), detail, app.sessions.model_totals(detail.session.id), files=files, commits=commits)
