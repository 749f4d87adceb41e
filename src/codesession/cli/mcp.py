"""`cs mcp`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.errors import InvalidInputError

TOKEN_VARIABLE = "CODESESSION_MCP_TOKEN"  # noqa: S105 - the name of a variable


@click.command("mcp")
@click.option("--http", is_flag=True, help="Serve HTTP on loopback instead of stdin and stdout.")
@click.option("--port", type=click.IntRange(1, 65535), help="With --http: port to listen on; default: a free one.")
@json_option
@click.pass_obj
def command(app: App, http: bool, port: int | None, as_json: bool) -> None:
    """
    Serve the Model Context Protocol: sessions, costs and budgets as tools.

    On stdin and stdout for the agent that starts it; `cs setup AGENT` tells the agent to. With --http for agents that
    connect to a URL: it and the token they send as `Authorization: Bearer` are printed. The token is new at every
    start unless CODESESSION_MCP_TOKEN names one.
    """
    if http:
        from codesession.cli.mcp_http import serve_http

        serve_http(app, port, as_json=as_json)
        return
    if port is not None or as_json:
        raise InvalidInputError("--port and --json go with --http", hint="cs mcp --http --port 8080")
    from codesession.mcp_server.running import serve_stdio

    serve_stdio(app)
