"""`cs statusline` as the command line shows it; Claude Code's calls are served by `cli.entry`."""

from __future__ import annotations

import click


@click.command("statusline")
def command() -> int:
    """
    Print one line for Claude Code's status bar: session, today, budget, context.

    In ~/.claude/settings.json: "statusLine": {"type": "command", "command": "cs statusline"}
    """
    from codesession.cli.quick_statusline import print_line

    return print_line()
