"""`cs auto-log`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.quick_auto_log import import_hooked


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
    import_hooked(app, agent)
