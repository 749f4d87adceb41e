"""`cs auto-log`"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from codesession.app import App
from codesession.cli.output import say

if TYPE_CHECKING:
    from codesession.services.importing.outcome import ImportOutcome

_MAX_INPUT = 64 << 20


@click.command("auto-log")
@click.option("--provider", help="Accepted for older set-ups; the log itself names who bills.")
@click.option("--model", help="Accepted for older set-ups; every line of the log names its model.")
@click.option("--agent", help="The name to keep for the agent, instead of its own.")
@click.pass_obj
def command(app: App, provider: str | None, model: str | None, agent: str | None) -> None:
    """
    Import what a hook of an agent points at: reads the hook's JSON on stdin.

    Each response is counted once, sub-agents included, for the session that is active in that repository. The
    exit status is 0 whatever happens: a hook must never stop an agent.
    """
    try:
        outcome = _import(app, agent)
    except Exception as error:  # whatever it is: the agent that called the hook goes on, the reason is told
        say(f"codesession: {error or type(error).__name__}")
        return
    for told in outcome.agents if outcome else ():
        for problem in told.problems:
            say(f"codesession: {problem}")


def _import(app: App, agent_name: str | None) -> ImportOutcome | None:
    from codesession.services.importing.hooked import transcripts
    from codesession.services.importing.service import ImportRequest

    files = transcripts(_hook_input())
    if not files:
        return None
    return app.importing.run(
        ImportRequest(files=tuple(files), agent_name=agent_name, session_id=app.settings.session_id)
    )


def _hook_input() -> dict[str, Any]:
    """What the agent wrote; an empty object where a person called the command by hand."""
    if sys.stdin is None or sys.stdin.isatty():
        return {}
    found = json.loads(sys.stdin.buffer.read(_MAX_INPUT) or b"{}")
    return found if isinstance(found, dict) else {}
