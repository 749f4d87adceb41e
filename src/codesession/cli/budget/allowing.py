"""`cs budget allow`"""

from __future__ import annotations

from decimal import Decimal

import click

from codesession.app import App, now_ms
from codesession.cli.options import DOLLARS, AmountCommand, json_option, session_option
from codesession.cli.output import show
from codesession.contract_budgets import budgets_json
from codesession.domain.money import to_picousd
from codesession.errors import InvalidInputError


@click.command("allow", cls=AmountCommand)
@click.argument("amount", metavar="[+USD]", type=DOLLARS, required=False)
@click.option("--until", metavar="TIME", help="No stop until then: 18:00, 2h, 2026-11-30.")
@click.option("--budget", metavar="ID|NAME", help="Which one; default: those that stop you now.")
@session_option
@json_option
@click.pass_obj
def allow(
    app: App, amount: Decimal | None, until: str | None, budget: str | None, session_id: int | None, as_json: bool
) -> None:
    """
    Let spending go on.

    So many dollars on top for the present period, or no stop until a time. Works from inside a stopped session: the
    next call of the agent goes through.
    """
    hint = "cs budget allow +5, or cs budget allow --until 18:00"
    if amount is None and until is None:
        raise InvalidInputError("say how much more, or until when", hint=hint)
    if amount is not None and until is not None:
        raise InvalidInputError("an amount and --until exclude each other", hint=hint)
    if amount is not None and amount <= 0:
        raise InvalidInputError(f"an allowance of ${amount} is none", hint="cs budget allow +5")
    from codesession.cli.budget import words
    from codesession.services.budgets.moments import until_ms

    spender = app.budgets.spender(session_id, app.directory, app.settings.agent_name)
    allowed = app.budgets.allow(
        spender,
        budget,
        extra_picousd=0 if amount is None else to_picousd(amount),
        until_ms=None if until is None else until_ms(until, now_ms(), app.zone),
    )
    show(as_json, lambda: budgets_json(allowed, spender), lambda console: words.status(console, allowed))
