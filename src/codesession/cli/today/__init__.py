"""`cs today`: where all projects stand, and which projects these are."""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.cli.today.projects import add, init, list_projects, remove
from codesession.errors import InvalidInputError


class _Group(click.Group):
    """Has `projects` under a second name."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; `ls` is `projects`."""
        return super().get_command(ctx, "projects" if cmd_name == "ls" else cmd_name)


@click.group("today", cls=_Group, invoke_without_command=True)
@click.option("--ai", "as_markdown", is_flag=True, help="Markdown that tells an AI agent where you stand.")
@click.option("--share", "as_standup", is_flag=True, help="A stand-up message to paste into a chat.")
@json_option
@click.option("--no-pulls", is_flag=True, help="Do not ask gh for pull requests.")
@click.pass_context
def command(ctx: click.Context, as_markdown: bool, as_standup: bool, as_json: bool, no_pulls: bool) -> None:
    """
    Where all your projects stand this morning.

    Branches, open work, unpushed commits, pull requests, open ends in comments, unfinished sessions, and what was
    spent since the last working day. `cs today init` registers projects.
    """
    if as_markdown + as_standup + as_json > 1:
        raise InvalidInputError("--ai, --share and --json exclude each other", hint="choose one")
    if ctx.invoked_subcommand is not None:
        if as_markdown or as_standup or as_json or no_pulls:
            name = ctx.invoked_subcommand
            raise InvalidInputError(
                f"what stands before `{name}` is for `cs today` alone", hint=f"cs today {name} --json"
            )
        return
    app: App = ctx.obj
    today = app.today.look(ask_host=not no_pulls)
    if as_json:
        from codesession.contract_today import today_json

        print_json(today_json(today))
    elif as_markdown:
        from codesession.cli.today.markdown import markdown

        click.echo(markdown(today))
    elif as_standup:
        from codesession.cli.today.standup import standup

        click.echo(standup(today))
    else:
        from codesession.cli.today import words

        words.show(console(), today)


for _part in (init, add, remove, list_projects):
    command.add_command(_part)
