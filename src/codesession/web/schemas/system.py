"""Help, settings, and beginning anew."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Schema


class HelpOption(Schema):
    """An option or argument of a command."""

    names: list[str]
    help: str
    value: Annotated[str | None, Field(description="What it takes; null for a switch.")]
    required: bool
    default: str | None


class HelpCommand(Schema):
    """A command as it describes itself."""

    name: str
    summary: str
    usage: str
    text: str
    options: list[HelpOption]
    commands: list[HelpCommand]


class Help(Schema):
    """Every command, made from the program itself."""

    version: str
    commands: list[HelpCommand]


class OwnCurrency(Schema):
    """Shown beside dollars at a fixed rate; dollars stay the truth."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
    rate: Annotated[str, Field(max_length=30, description="Units for one US dollar, as a decimal text.")]


class Settings(Schema):
    """How this server is set up."""

    version: str
    api_version: int
    timezone: str
    currency: OwnCurrency | None
    ledger: str
    ledger_bytes: int | None
    home: str
    config_path: str
    price_overrides: str
    price_version: str
    reset_phrase: Annotated[str, Field(description="What must be typed to begin anew.")]


class SetCurrency(Schema):
    """The currency to show beside dollars; null for none."""

    currency: OwnCurrency | None


class Reset(Schema):
    """Begin anew: the words must be those of the settings' `resetPhrase`."""

    confirm: Annotated[str, Field(max_length=100)]


class ResetDone(Schema):
    """A new, empty ledger; the old one is kept in the backup."""

    backup: str
    sessions: int
    calls: int


class Login(Schema):
    """The token that `cs dashboard` printed, or the one it was started with."""

    token: Annotated[str, Field(max_length=1_000)]


class Launch(Schema):
    """Opens the page once, within a minute, as `/?token=CODE`."""

    code: str


class Health(Schema):
    """Whether this is a dashboard, and which; open to everybody on this machine."""

    status: Literal["running"]
    api_version: int
    instance: Annotated[str, Field(description="Tells one start of the server from the next.")]
