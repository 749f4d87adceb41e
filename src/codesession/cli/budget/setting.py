"""`cs budget set|list|remove`"""

from __future__ import annotations

from decimal import Decimal

import click

from codesession.app import App
from codesession.cli.options import DOLLARS, FILLED, AmountCommand, json_option, session_option
from codesession.cli.output import show
from codesession.contract import enveloped
from codesession.contract_budgets import budget_json, budgets_json
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.money import to_picousd
from codesession.errors import InvalidInputError, NoActiveSessionError


@click.command("set", cls=AmountCommand)
@click.argument("amount", metavar="USD", type=DOLLARS)
@click.option("--scope", type=click.Choice([str(each) for each in BudgetScope]), help="Whose spending counts.")
@click.option(
    "--period",
    type=click.Choice([str(each) for each in BudgetPeriod]),
    default="total",
    show_default=True,
    help="Days are cut in your zone.",
)
@click.option("--name", help="What to call it.")
@click.option("--warn", default="50,80,95", show_default=True, metavar="PERCENTS", help="When to say a word.")
@click.option(
    "--action",
    type=click.Choice([str(each) for each in BudgetAction]),
    default="stop",
    show_default=True,
    help="When nothing is left.",
)
@click.option("--strict", is_flag=True, help="Overshoot 0: only calls that fit for certain.")
@click.option("--agent", type=FILLED, metavar="NAME", help="Only what this agent spends: claude-code, codex, …")
@click.option("--each", is_flag=True, help="With --scope session: every session may spend so much.")
@session_option
@json_option
@click.pass_obj
def set_budget(
    app: App,
    amount: Decimal,
    scope: str | None,
    period: str,
    name: str | None,
    warn: str,
    action: str,
    strict: bool,
    agent: str | None,
    each: bool,
    session_id: int | None,
    as_json: bool,
) -> None:
    """
    Set a budget in US dollars, or change the one there is.

    Without --scope it is for the session you are in; with a --period, for everything you spend. Project means this
    git repository, or this directory outside git.
    """
    wanted = BudgetScope(scope) if scope else BudgetScope.SESSION if period == "total" else BudgetScope.GLOBAL
    _check(wanted, each=each, session_id=session_id, strict=strict, action=BudgetAction(action))
    new = NewBudget(
        scope=wanted,
        limit_picousd=to_picousd(amount),
        period=BudgetPeriod(period),
        name=name,
        session_id=_session(app, session_id, each=each) if wanted is BudgetScope.SESSION else None,
        project=str(app.scopes.scope(app.directory).directory) if wanted is BudgetScope.PROJECT else None,
        agent_name=agent,
        warn_percents=_percents(warn),
        action=BudgetAction(action),
        strict=strict,
    )
    standing = app.budgets.set(new)
    from codesession.cli.budget import words

    show(as_json, lambda: budget_json(standing), lambda console: words.was_set(console, standing))


def _check(scope: BudgetScope, *, each: bool, session_id: int | None, strict: bool, action: BudgetAction) -> None:
    """Options that would be passed over silently are refused."""
    if scope is not BudgetScope.SESSION and (each or session_id is not None):
        option = "--each" if each else "--session"
        raise InvalidInputError(f"{option} is for --scope session, and this budget is for the {scope} scope")
    if each and session_id is not None:
        raise InvalidInputError("--each is for every session, --session for one", hint="choose one")
    if strict and action is BudgetAction.WARN:
        raise InvalidInputError("--strict is for budgets that stop, and --action warn stops nothing")


def _session(app: App, session_id: int | None, *, each: bool) -> int | None:
    if each:
        return None
    try:
        return app.scopes.chosen(session_id, app.directory).id
    except NoActiveSessionError as error:
        error.hint = "a budget without a session has a --period or a --scope: cs budget set 10 --period day"
        raise


def _percents(text: str) -> tuple[int, ...]:
    parts = [part.strip().removesuffix("%") for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise InvalidInputError(f"{text!r} are no warn levels", hint="--warn 50,80,95")
    return tuple(sorted({int(part) for part in parts}))


@click.command("list")
@json_option
@click.pass_obj
def list_budgets(app: App, as_json: bool) -> None:
    """List every budget."""
    from codesession.cli.budget import words

    standings = app.budgets.all()
    show(as_json, lambda: budgets_json(standings), lambda console: words.table(console, standings))


@click.command("remove")
@click.argument("budget", metavar="ID|NAME")
@json_option
@click.pass_obj
def remove(app: App, budget: str, as_json: bool) -> None:
    """Remove a budget."""
    from codesession.cli.budget import words

    gone = app.budgets.remove(budget)
    body = enveloped({"removed": {"id": gone.id, "name": gone.name}})
    show(as_json, lambda: body, lambda console: console.print(f"Removed {words.name(gone)} for {words.covers(gone)}."))
