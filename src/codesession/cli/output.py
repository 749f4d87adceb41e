"""What commands print: data to stdout, words to stderr, `--json` and human output from the same value."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from codesession.contract import error_json, indented
from codesession.errors import CodesessionError, UnavailableError, reason

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


_ROWS_AT_ONCE = 500


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `2 stashes`"""
    ending = "" if number == 1 else "es" if noun.endswith("sh") else "s"
    return f"{number:,} {noun}{ending}"


def below_home(path: str) -> str:
    """`~/work` for a folder of the user's own."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path == home or path.startswith(home + "/") else path


def plain(text: str) -> str:
    """One line without control characters: no name or message may drive the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def prepare_streams() -> None:
    """
    Speak UTF-8 whatever the locale says, and never fail for a character.

    JSON and CSV are UTF-8 by their own rules. A stream that was closed before we began (`>&-`) is one that
    nobody reads.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - lives as long as we do
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    sys.stdout.write(indented(value) + "\n")
    sys.stdout.flush()


def print_rows(body: Mapping[str, Any], key: str, rows: Iterable[Any]) -> None:
    """An object on stdout whose list `key` may be very long: its rows are made while it is written."""
    before, after = indented({**body, key: []}).split(f'"{key}": []')
    sys.stdout.write(f'{before}"{key}": [')
    left, between = iter(rows), ""
    while some := list(islice(left, _ROWS_AT_ONCE)):
        sys.stdout.write(between + indented(some)[1:-2].replace("\n", "\n  "))
        between = ","
    sys.stdout.write(("\n  ]" if between else "]") + after + "\n")
    sys.stdout.flush()


def show(as_json: bool, value: Callable[[], Any], words: Callable[[Console], None]) -> None:
    """The same answer as JSON or for people."""
    if as_json:
        print_json(value())
    else:
        words(console())


def console(*, stderr: bool = False) -> Console:
    """A terminal of the right width and colours; plain where there is none."""
    from codesession.cli.terminal import Terminal

    return Terminal(stderr=stderr, highlight=False, soft_wrap=False, emoji=False, markup=False)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Names the file somebody wants when the system refuses to write it, not the unfinished one beside it."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(f"cannot write {path}: {reason(error)}") from error


def warn(message: str) -> None:
    """A warning in words; never on stdout."""
    say(f"warning: {message}")


def say(message: str) -> None:
    """One line of words on stderr. A terminal that is gone is no reason to fail."""
    try:
        sys.stderr.write(plain(message) + "\n")
        sys.stderr.flush()
    except OSError:
        return


def report_error(error: CodesessionError, *, as_json: bool) -> int:
    """The error as an envelope on stdout, or as words on stderr; returns the exit status."""
    if as_json:
        print_json(error_json(error))
    else:
        say(f"error: {error.message}")
        if error.hint:
            say(f"hint: {error.hint}")
    return error.exit_status
