"""`cs alerts`"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import DOLLARS, json_option
from codesession.cli.output import plain, print_json, show, warn
from codesession.contract import enveloped
from codesession.contract_budgets import alerts_json, rule_json, told_json
from codesession.domain.money import format_usd, to_picousd
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.alerts import AlertRule, Breach


@click.group("alerts")
def command() -> None:
    """Be told when money goes fast: budgets' warn levels, spending rates, jumps."""


@command.command("add")
@click.option("--rate", type=DOLLARS, metavar="USD", help="When so much is spent within an hour.")
@click.option("--jump", type=int, metavar="PERCENT", help="When today passes so many percent of the usual day.")
@click.option("--notify", metavar="URL", help="Tell this address too: any apprise URL (mail, chat, push).")
@click.option("--here", is_flag=True, help="Only what is spent in this repository.")
@json_option
@click.pass_obj
def add(app: App, rate: Decimal | None, jump: int | None, notify: str | None, here: bool, as_json: bool) -> None:
    """Add a rule, or an address that is told."""
    if sum(given is not None for given in (rate, jump, notify)) != 1:
        raise InvalidInputError("give one of --rate, --jump and --notify", hint="cs alerts add --rate 5")
    project = str(app.scopes.scope(app.directory).directory) if here else None
    if notify is not None:
        rule = app.alerts.add_address(notify)
    elif rate is not None:
        rule = app.alerts.add_rate(to_picousd(rate), project)
    else:
        rule = app.alerts.add_jump(jump or 0, project)
    show(as_json, lambda: enveloped({"alert": rule_json(rule)}), lambda console: console.print(f"Alert {_words(rule)}"))


@command.command("list")
@json_option
@click.pass_obj
def list_alerts(app: App, as_json: bool) -> None:
    """List rules, addresses and the newest breaches."""
    rules, breaches, now_ms = app.alerts.rules(), app.alerts.breaches(), app.sessions.now_ms()
    show(as_json, lambda: alerts_json(rules, breaches), lambda console: _listing(console, rules, breaches, now_ms))


@command.command("remove")
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def remove(app: App, alert_id: int, as_json: bool) -> None:
    """Remove a rule or an address."""
    app.alerts.remove(alert_id)
    show(as_json, lambda: enveloped({"removed": alert_id}), lambda console: console.print(f"Removed alert {alert_id}."))


@command.command("test")
@json_option
@click.pass_obj
def test(app: App, as_json: bool) -> int:
    """Send a test to every address."""
    problems = app.alerts.test()
    for problem in problems:
        warn(problem)
    words = "Not everybody was told." if problems else "Everybody was told."
    show(as_json, lambda: enveloped({"ok": not problems, "problems": problems}), lambda console: console.print(words))
    return 1 if problems else 0


@command.command("check")
@json_option
@click.pass_obj
def check(app: App, as_json: bool) -> None:
    """Look now, and tell about what is newly breached; for cron. Nobody is told twice."""
    told = app.alerts.check()
    for problem in told.problems:
        warn(problem)
    if as_json:
        print_json(told_json(told))
        return
    for breach in told.breaches:
        click.echo(plain(breach.message))


def _words(rule: AlertRule) -> str:
    where = f" in {plain(rule.project)}" if rule.project else ""
    if rule.url is not None:
        return f"{rule.id}: tell {rule.masked_url}"
    if rule.limit_picousd is not None:
        return f"{rule.id}: when {format_usd(rule.limit_picousd)} is spent within an hour{where}"
    return f"{rule.id}: when today passes {rule.percent}% of the usual day{where}"


def _listing(console: Console, rules: list[AlertRule], breaches: list[Breach], now_ms: int) -> None:
    from rich.text import Text

    from codesession.cli.render import ago

    if not rules:
        console.print("No rule yet; budgets' warn levels are watched anyway.\nAdd one with: cs alerts add --rate 5")
    for rule in rules:
        console.print(_words(rule), overflow="fold")
    if breaches:
        console.print("\nNewest breaches", style="dim")
    for breach in breaches:
        failed = f" (not delivered: {plain(breach.problem)})" if breach.problem else ""
        at = ago(breach.noticed_at_ms, now_ms)
        console.print(Text(f"  {at:>8}  ", style="dim") + Text(plain(breach.message) + failed), overflow="fold")
