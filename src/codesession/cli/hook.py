"""`cs hook` as the command line shows it; agents' calls are served by `cli.entry` before click is loaded."""

from __future__ import annotations

import click


@click.command("hook")
@click.argument("agent")
def command(agent: str) -> int:
    """
    Answer a hook of AGENT (claude-code, codex, gemini): stop it when a budget is used up.

    Reads the hook's JSON on stdin. `cs hooks install AGENT` sets it up.
    """
    from codesession.cli.quick_hook import answer

    return answer(agent)
