"""`cs budget`: say what may be spent, see what is left, allow more."""

from __future__ import annotations

import click

from codesession.cli.budget.allowing import allow
from codesession.cli.budget.asking import check, status
from codesession.cli.budget.setting import list_budgets, remove, set_budget


@click.group("budget")
def command() -> None:
    """Say what may be spent, see what is left, allow more."""


for _part in (set_budget, status, list_budgets, allow, check, remove):
    command.add_command(_part)
