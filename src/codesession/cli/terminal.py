"""The terminal that answers for people are printed on."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class Terminal(Console):
    """A rich console that leaves it to us what a reader who went away means."""

    def on_broken_pipe(self) -> NoReturn:
        """Rich would end the process with status 1 here, and with it a command that `cs run` reports on."""
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError
