"""`cs mcp`"""

from __future__ import annotations

import click

from codesession.app import App


@click.command("mcp")
@click.pass_obj
def command(app: App) -> None:
    """
    Serve the Model Context Protocol on stdin and stdout: sessions, costs and budgets as tools.

    Claude Code: claude mcp add codesession -- cs mcp. `cs setup AGENT` does it for you.
    """
    from codesession.mcp_server.running import serve_stdio

    serve_stdio(app)
