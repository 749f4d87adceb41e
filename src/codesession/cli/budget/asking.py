"""`cs budget status|check`"""

from __future__ import annotations

from decimal import Decimal

import click

from codesession.app import App
from codesession.cli.options import DOLLARS, FILLED, json_option, session_option
from codesession.cli.output import show
from codesession.contract_budgets import budgets_json
from codesession.domain.money import to_picousd
from codesession.errors import BudgetExceededError

EXCEEDED_STATUS = 3
"""The exit status of `cs budget check` when nothing is left, for scripts and CI."""


@click.command("status")
@click.option("--agent", type=FILLED, metavar="NAME", help="As this agent sees it.")
@session_option
@json_option
@click.pass_obj
def status(app: App, agent: str | None, session_id: int | None, as_json: bool) -> None:
    """
    Show the budgets that hold here.

    For each what is spent, reserved for calls under way, remaining, and how far it can be passed at most.
    """
    from codesession.cli.budget import words

    spender = app.budgets.spender(session_id, app.directory, agent or app.settings.agent_name)
    standings = app.budgets.standings(spender)
    show(as_json, lambda: budgets_json(standings, spender), lambda console: words.status(console, standings))


@click.command("check")
@click.option("--cost", type=DOLLARS, metavar="USD", help="Whether so much more may be spent.")
@click.option("--agent", type=FILLED, metavar="NAME", help="As this agent.")
@session_option
@json_option
@click.pass_obj
def check(app: App, cost: Decimal | None, agent: str | None, session_id: int | None, as_json: bool) -> None:
    """
    Ask whether something may be spent here.

    Exits with 0 while it may, with 3 when a budget says stop.
    """
    from codesession.cli.budget import words

    spender = app.budgets.spender(session_id, app.directory, agent or app.settings.agent_name)
    wanted = 0 if cost is None else to_picousd(cost)
    try:
        standings = app.budgets.ensure(spender, wanted)
    except BudgetExceededError as error:
        error.exit_status = EXCEEDED_STATUS
        standings = app.budgets.standings(spender)
        error.message = words.refused(standings, wanted) or error.message
        error.hint = words.way_out(standings, wanted)
        raise
    show(as_json, lambda: budgets_json(standings, spender), lambda console: words.fine(console, standings))
