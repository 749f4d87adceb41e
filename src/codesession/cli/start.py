"""`cs start`"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import DOLLARS, json_option
from codesession.cli.output import print_json, say, warn
from codesession.contract import started_json
from codesession.domain.money import to_picousd
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.services.sessions import Started


@click.command("start")
@click.argument("name")
@click.option("--resume", is_flag=True, help="Continue this scope's open session if there is one.")
@click.option("--close-stale", is_flag=True, help="End this scope's open sessions first.")
@click.option("--budget", type=DOLLARS, metavar="USD", help="What the session may cost.")
@click.option("--strict", is_flag=True, help="With --budget: only calls that fit into it for certain.")
@json_option
@click.pass_obj
def command(
    app: App, name: str, resume: bool, close_stale: bool, budget: Decimal | None, strict: bool, as_json: bool
) -> int | None:
    """
    Begin a session here: in this git repository, or in this directory.

    With --json it prints the session and exits; the session stays open. Without, it stays and shows files
    and commits as they come, until Ctrl+C or `cs end` elsewhere.
    """
    if strict and budget is None:
        raise InvalidInputError("--strict says how a budget is kept", hint="give one: --budget 5 --strict")
    started = app.sessions.start(
        name,
        app.directory,
        resume=resume,
        close_stale=close_stale,
        budget_picousd=None if budget is None else to_picousd(budget),
        budget_strict=strict,
    )
    if started.resumed and budget is not None:
        started = _with_budget(app, started, to_picousd(budget), strict)
    for warning in started.warnings:
        warn(warning)
    if as_json:
        print_json(started_json(started))
        return None
    for closed in started.closed:
        say(f'ended session {closed.id} "{closed.name}"')
    from codesession.cli.watching import watch

    return watch(app, started)


def _with_budget(app: App, started: Started, limit_picousd: int, strict: bool) -> Started:
    """A session that goes on gets the budget it is now given."""
    from codesession.domain.budget import BudgetScope, NewBudget

    session = started.session
    app.budgets.set(
        NewBudget(scope=BudgetScope.SESSION, session_id=session.id, limit_picousd=limit_picousd, strict=strict)
    )
    return replace(started, session=app.scopes.by_id(session.id))
