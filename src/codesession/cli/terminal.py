"""The terminal that answers for people are printed on."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from rich.console import Console

_SIZES = ("COLUMNS", "LINES")


class Terminal(Console):
    """
    A rich console that leaves it to us what a reader who went away means.

    A size of 0 in the environment is one that nobody knows: a terminal of no columns would show nothing.
    """

    def __init__(self, **options: Any) -> None:
        known = {name: value for name, value in os.environ.items() if name not in _SIZES or value.strip("0")}
        super().__init__(_environ=known, **options)

    def on_broken_pipe(self) -> NoReturn:
        """Rich would end the process with status 1 here, and with it a command that `cs run` reports on."""
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError
