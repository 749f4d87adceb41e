"""`cs recover`"""

from __future__ import annotations

import math

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.contract import enveloped, iso
from codesession.errors import InvalidInputError

_HOUR_MS = 3_600_000


@click.command("recover")
@click.option(
    "--max-age",
    type=click.FloatRange(min=0, max=1_000_000),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="End what has been active for at least this long.",
)
@json_option
@click.pass_obj
def command(app: App, max_age: float, as_json: bool) -> None:
    """End sessions that were left open, by a crash or by forgetting."""
    if math.isnan(max_age):  # which passes for a number in any range
        raise InvalidInputError("--max-age is not a number of hours")
    ended = app.sessions.recover(max_age_ms=round(max_age * _HOUR_MS))
    if as_json:
        print_json(
            enveloped(
                {
                    "recovered": len(ended),
                    "sessions": [{"id": s.id, "name": s.name, "startTime": iso(s.started_at_ms)} for s in ended],
                }
            )
        )
        return
    from codesession.cli import render

    render.recovered(console(), ended, now_ms=app.sessions.now_ms())
