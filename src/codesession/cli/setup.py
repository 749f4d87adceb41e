"""`cs setup`"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import AgentName, json_option
from codesession.cli.output import plain, print_json, say
from codesession.contract import enveloped
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from codesession.contract import Json
    from codesession.services.setup.agents import Place
    from codesession.services.setup.plan import Plan

_NAMES = ("claude-code", "codex", "openclaw", "gemini", "opencode")


@click.command("setup")
@click.argument("agents", nargs=-1, type=AgentName(_NAMES), metavar="[AGENT]...")
@click.option("--undo", is_flag=True, help="Take everything out again.")
@click.option("--proxy", is_flag=True, help="Send the agent's calls through `cs proxy`, which then must always run.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; without a terminal nothing is asked.")
@json_option
@click.pass_obj
def command(
    app: App, agents: tuple[str, ...], undo: bool, proxy: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """
    Connect an agent: skill, hooks that keep to the budgets and import exact usage, status line, MCP server.

    AGENT is claude-code, codex, openclaw, gemini or opencode; without one, those found here. The changes are shown
    first and asked about; without a terminal, or with --json, no question is asked and they are made. Every file that
    is changed is copied beside itself; everything else in it stays.
    """
    from codesession.services.setup.agents import AGENTS
    from codesession.services.setup.plan import make_plan
    from codesession.services.setup.writing import apply

    place = _place(app, proxy=proxy or undo)
    plans = [
        make_plan(name, AGENTS[name].pieces(place), undo=undo, notes=AGENTS[name].notes)
        for name in agents or _found(place)
    ]
    if not as_json:
        _show(plans)
    changing = any(plan.changes for plan in plans) and not dry_run
    if changing and not yes and not as_json and sys.stdin.isatty():
        click.confirm("Make these changes?", abort=True, err=True)
    at = stamp()
    backups = [apply(plan, stamp=at, home=place.home) if changing else {} for plan in plans]
    if as_json:
        print_json(_json(plans, backups, applied=changing))
    elif changing:
        _tell(plans, backups)


def _place(app: App, *, proxy: bool) -> Place:
    from codesession.services.setup.agents import Place
    from codesession.settings import DEFAULT_PROXY_PORT

    port = app.settings.proxy_port or DEFAULT_PROXY_PORT
    return Place(
        home=app.settings.home.parent,
        environment=app.environment,
        program=own_program(),
        proxy=f"http://127.0.0.1:{port}" if proxy else None,
    )


def _found(place: Place) -> list[str]:
    from codesession.services.setup.agents import AGENTS

    found = [name for name, agent in AGENTS.items() if agent.folder(place).is_dir()]
    if not found:
        raise InvalidInputError("no agent was found here", hint=f"name one: cs setup {_NAMES[0]}")
    return found


def own_program() -> str:
    """Our own full name, because agents may run with another PATH; of `python -m`, what is installed beside Python."""
    for found in (os.path.abspath(sys.argv[0]), os.path.join(os.path.dirname(os.path.abspath(sys.executable)), "cs")):
        if os.path.basename(found).startswith(("cs", "codesession")) and os.path.exists(found):
            return found
    return "cs"


def stamp() -> str:
    """The present moment in the names of backups."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime())


def _show(plans: list[Plan]) -> None:
    for plan in plans:
        for change in plan.changes:
            for line in change.diff().splitlines():
                sys.stdout.write(plain(line) + "\n")
        if not plan.changes:
            say(f"{plan.agent}: nothing to change")
        for note in plan.notes:
            say(f"{plan.agent}: {note}")
    sys.stdout.flush()


def _tell(plans: list[Plan], backups: list[dict[Path, Path | None]]) -> None:
    for plan, kept in zip(plans, backups, strict=True):
        for change in plan.changes:
            backup = kept[change.path]
            done = "removed" if change.after is None else "written"
            say(f"{done}: {change.path}" + (f" (before: {backup})" if backup else ""))


def _json(plans: list[Plan], backups: list[dict[Path, Path | None]], *, applied: bool) -> Json:
    agents = []
    for plan, kept in zip(plans, backups, strict=True):
        changes = []
        for change in plan.changes:
            backup = kept.get(change.path)
            changes.append(
                {
                    "path": str(change.path),
                    "action": change.action,
                    "backup": None if backup is None else str(backup),
                }
            )
        agents.append({"agent": plan.agent, "changes": changes, "notes": list(plan.notes)})
    return enveloped({"applied": applied, "agents": agents})
