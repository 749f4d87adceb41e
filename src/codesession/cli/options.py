"""Options and value types that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from codesession.domain.money import dollars, to_picousd
from codesession.errors import InvalidInputError

_F = TypeVar("_F", bound=Callable[..., Any])


_LEAST_TOKEN = 16


class DollarType(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """Dollars as an exact decimal."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """`0.30` or `$0.30`; not a number, infinite or negative is refused."""
        try:
            amount = dollars(value)
        except InvalidInputError as error:
            self.fail(error.message, param, ctx)
        if amount and not to_picousd(amount):
            self.fail(f"{value!r} is less than the smallest amount, $0.000000000001", param, ctx)
        return amount


DOLLARS = DollarType()


class AmountCommand(click.Command):
    """A command with amounts as arguments: `-5` is one that cannot be, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but that a word which begins like a number is named as an amount is."""
        try:
            return super().parse_args(ctx, list(args))
        except click.NoSuchOption:
            for word in args:
                if re.match(r"-[.\d]", word):
                    DOLLARS.convert(word, None, ctx)
            raise


def own_token(token: str | None, name: str) -> str | None:
    """A token that the user chose, if one was; raises `InvalidInputError` for one that could be guessed or not sent."""
    if token is not None and (len(token) < _LEAST_TOKEN or not token.isascii() or not token.isprintable()):
        raise InvalidInputError(f"{name} needs at least {_LEAST_TOKEN} characters, all of them ASCII")
    return token


class FilledText(click.ParamType):  # type: ignore[type-arg]  # as above
    """Text that says something: an empty one is a variable that was not set, and never what somebody meant."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as given; empty, or nothing but spaces, is refused."""
        if not str(value).strip():
            self.fail("it is empty", param, ctx)
        return str(value)


FILLED = FilledText()


class AgentName(click.Choice):  # type: ignore[type-arg]  # as above
    """One of these agents, also by what people call it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """`claude` is `claude-code`; what is none of them is refused as click does."""
        from codesession.importers.registry import meant

        known = {meant(name): name for name in self.choices}
        name: str = super().convert(known.get(meant(str(value)), value), param, ctx)
        return name


class FilledPath(click.Path):
    """A path that says something; the empty one would be this folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click does, but that an empty path is refused."""
        return super().convert(FILLED.convert(value, param, ctx), param, ctx)


def output_option(text: str) -> Callable[[_F], _F]:
    """`--output FILE`, which is made, or replaced as a whole; `-` is stdout, as without it."""
    return click.option(
        *("-o", "--output"),
        type=FilledPath(path_type=Path, dir_okay=False),
        callback=lambda _ctx, _param, path: None if path == Path("-") else path,
        help=text,
    )


def json_option(command: _F) -> _F:
    """`--json`"""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON value on stdout.")(command)


def session_option(command: _F) -> _F:
    """`--session ID`"""
    return click.option(
        "-s", "--session", "session_id", type=int, metavar="ID", help="The session; default: the one active here."
    )(command)
