"""`cs completions`"""

from __future__ import annotations

import os

import click

VARIABLE = "_CS_COMPLETE"
"""By it the script asks for the words that may follow."""


@click.command("completions")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """
    Print the completion script of your shell.

    \b
    bash    cs completions bash > ~/.local/share/bash-completion/completions/cs
    zsh     cs completions zsh > "${fpath[1]}/_cs"
    fish    cs completions fish > ~/.config/fish/completions/cs.fish
    """
    from click.shell_completion import get_completion_class

    from codesession.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None, shell  # noqa: S101 - the choices above are those that click knows
    source = kind(cli, {}, "cs", VARIABLE).source()
    click.echo(source.replace('string split ","', 'string split --max 1 ","'))  # a help text may hold one


def complete() -> int:
    """Answer the script of a shell: the words that may follow; returns the exit status."""
    from click.shell_completion import shell_complete

    from codesession.cli.main import cli

    return shell_complete(cli, {}, "cs", VARIABLE, os.environ[VARIABLE])
