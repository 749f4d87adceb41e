"""`cs log-ai`"""

from __future__ import annotations

from decimal import Decimal

import click

from codesession.app import App
from codesession.cli.options import DOLLARS, json_option, session_option
from codesession.cli.output import console, print_json
from codesession.contract import logged_json
from codesession.services.recording import ReportedCall


@click.command("log-ai")
@click.option("-p", "--provider", required=True, help="Who bills the call: anthropic, openai, google, …")
@click.option("-m", "--model", required=True, help="The model that answered.")
@click.option("-t", "--tokens", type=int, help="A bare total; priced as 70 % prompt, 30 % completion.")
@click.option("--prompt-tokens", type=int, help="The whole prompt, cache reads and writes included.")
@click.option("--completion-tokens", type=int, help="The whole answer, reasoning included.")
@click.option("--cache-read-tokens", type=int, default=0, help="Part of the prompt that was read from a cache.")
@click.option("--cache-write-tokens", type=int, default=0, help="Part of the prompt that was written to a cache.")
@click.option("--reasoning-tokens", type=int, default=0, help="Part of the completion that was reasoning.")
@click.option("-c", "--cost", type=DOLLARS, metavar="USD", help="What it cost; wins over the price list.")
@click.option("--agent", help="The agent that made the call.  [env: CODESESSION_AGENT_NAME]")
@click.option("--response-id", help="The provider's id of the response: seen twice, it is counted once.")
@session_option
@json_option
@click.pass_obj
def command(
    app: App,
    provider: str,
    model: str,
    tokens: int | None,
    prompt_tokens: int | None,
    completion_tokens: int | None,
    cache_read_tokens: int,
    cache_write_tokens: int,
    reasoning_tokens: int,
    cost: Decimal | None,
    agent: str | None,
    response_id: str | None,
    session_id: int | None,
    as_json: bool,
) -> None:
    """Record a model call by hand; its cost comes from the price list unless you give it."""
    session = app.scopes.chosen(session_id, app.directory)
    logged = app.recording.log(
        ReportedCall(
            provider=provider,
            model=model,
            total_tokens=tokens,
            input_tokens=prompt_tokens,
            output_tokens=completion_tokens,
            cache_read_input_tokens=cache_read_tokens,
            cache_write_input_tokens=cache_write_tokens,
            reasoning_output_tokens=reasoning_tokens,
            cost_usd=cost,
            agent_name=agent or app.settings.agent_name,
            response_id=response_id,
        ),
        session,
    )
    if as_json:
        print_json(logged_json(logged))
        return
    from codesession.cli import render

    render.logged(console(), logged)
