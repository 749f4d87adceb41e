"""`cs hooks`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import AgentName, json_option
from codesession.cli.output import show
from codesession.cli.setup import own_program, stamp
from codesession.contract import enveloped

if TYPE_CHECKING:
    from codesession.contract import Json
    from codesession.services.agent_hooks.installing import HookState

_AGENTS = AgentName(["claude-code", "codex"])


@click.group("hooks")
def command() -> None:
    """Let an agent's own hooks keep to the budgets."""


@command.command("install")
@click.argument("agent", type=_AGENTS)
@json_option
@click.pass_obj
def install(app: App, agent: str, as_json: bool) -> None:
    """
    Put our hooks into the settings of AGENT.

    Everything else in the file stays, a copy is kept.
    """
    from codesession.services.agent_hooks import installing

    path = installing.settings_path(agent, app.environment, app.settings.home.parent)
    state = installing.install(agent, path, own_program(), stamp=stamp())
    words = f"{agent} now asks the budgets" if state.changed else f"{agent} asks the budgets already"
    if agent == "codex" and state.changed:
        words += "; Codex runs new hooks only after you have trusted them in its own dialogue"
    _show(state, words, as_json=as_json)


@command.command("uninstall")
@click.argument("agent", type=_AGENTS)
@json_option
@click.pass_obj
def uninstall(app: App, agent: str, as_json: bool) -> None:
    """Take our hooks out of the settings of AGENT."""
    from codesession.services.agent_hooks import installing

    path = installing.settings_path(agent, app.environment, app.settings.home.parent)
    state = installing.uninstall(agent, path, stamp=stamp())
    _show(state, "Taken out" if state.changed else "There was nothing to take out", as_json=as_json)


@command.command("status")
@click.argument("agent", type=_AGENTS)
@json_option
@click.pass_obj
def status(app: App, agent: str, as_json: bool) -> None:
    """Say whether our hooks are in the settings of AGENT."""
    from codesession.services.agent_hooks import installing

    state = installing.state(agent, installing.settings_path(agent, app.environment, app.settings.home.parent))
    words = f"{agent} asks the budgets" if state.installed else f"{agent} does not ask the budgets"
    _show(state, words, as_json=as_json)


def _show(state: HookState, words: str, *, as_json: bool) -> None:
    copy = f" (before: {state.backup})" if state.backup else ""
    show(as_json, lambda: _json(state), lambda out: out.print(f"{words}: {state.path}{copy}", soft_wrap=True))


def _json(state: HookState) -> Json:
    return enveloped(
        {
            "agent": state.agent,
            "path": str(state.path),
            "installed": state.installed,
            "changed": state.changed,
            "backup": None if state.backup is None else str(state.backup),
        }
    )
