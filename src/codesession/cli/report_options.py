"""Options that reports share, and what they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.report import ReportRequest

_F = TypeVar("_F", bound=Callable[..., Any])

_DAY = "DATE"
_SIGNED = re.compile(r"(?:UTC|GMT)([+-]?)0?([1-9]|1[0-4])", re.IGNORECASE)
SOURCES = ("proxy", "log", "manual", "mcp", "api", "hook")
"""`domain.request.Source`, which help and completion need not load."""


def timezone_option(command: _F) -> _F:
    """`--timezone ZONE`"""
    text = "Where days begin and end; default: TZ, else this machine's."
    return click.option("-z", "--timezone", metavar="ZONE", callback=_unmistakable, help=text)(command)


def _unmistakable(ctx: click.Context, param: click.Parameter, zone: str | None) -> str | None:
    """`UTC+2` is two hours east for people and two hours west for POSIX (and so in `TZ`): nobody is to guess."""
    if zone is not None and (found := _SIGNED.fullmatch(zone.strip())) is not None:
        east = -int(found[2]) if found[1] == "-" else int(found[2])
        hint = f"name a place, such as Europe/Berlin, or Etc/GMT{-east:+d} for {east:+d} hours from UTC"
        raise InvalidInputError(f"{zone!r} can be read in two ways", hint=hint)
    return zone


def request_options(command: _F) -> _F:
    """`--since --until --timezone` and the filters."""
    filters = (
        ("agent", "Only calls of this agent."),
        ("project", "Only this repository or folder: a path, its last part, or . for here."),
        ("model", "Only this model, also as tables show it; * stands for anything."),
        ("provider", "Only this provider."),
    )
    text = "Only what this source saw."
    kinds = click.Choice(SOURCES)
    decorated = click.option("--source", "sources", multiple=True, type=kinds, help=text)(timezone_option(command))
    for name, text in reversed(filters):
        decorated = click.option(f"--{name}", f"{name}s", multiple=True, metavar=name.upper(), help=text)(decorated)
    decorated = click.option("--until", metavar=_DAY, help="The last day.")(decorated)
    return click.option("--since", metavar=_DAY, help="The first day: 2026-11-22, 20261122, today, 7d.")(decorated)


def asked(
    app: App,
    *,
    since: str | None,
    until: str | None,
    timezone: str | None,
    agents: tuple[str, ...] = (),
    projects: tuple[str, ...] = (),
    models: tuple[str, ...] = (),
    providers: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> ReportRequest:
    """The shared options as a request; raises `InvalidInputError` for what makes no sense."""
    from codesession.domain.periods import local_date
    from codesession.domain.provider_names import known_provider
    from codesession.domain.report import CallFilter, ReportRequest
    from codesession.importers.registry import meant
    from codesession.services.zones import zone_of

    zone, zone_name = zone_of(timezone, app.environment)
    today = local_date(zone, app.reports.now_ms())
    first = None if since is None else day_of(since, today)
    last = None if until is None else day_of(until, today)
    if first is not None and last is not None and last < first:
        raise InvalidInputError(f"--until {last} is before --since {first}")
    where = CallFilter(
        projects=tuple(_project(app, name) for name in projects),
        providers=tuple(spelling for name in providers for spelling in (name, known_provider(name) or name)),
        models=tuple(spelling for name in models for spelling in _spellings(name)),
        agents=tuple(spelling for name in agents for spelling in (name, meant(name))),
        sources=sources,
    )
    return ReportRequest(zone=zone, zone_name=zone_name, since=first, until=last, where=where)


def day_of(text: str, today: date) -> date:
    """`2026-11-22`, `20261122`, `today`, `yesterday`, `7d` (so many days ago)."""
    from codesession.domain.periods import FIRST_YEAR, LAST_YEAR

    word = text.strip().lower()
    named = {"today": 0, "yesterday": 1}
    if word in named or (word.endswith("d") and word[:-1].isdigit() and len(word) < 6):
        return today - timedelta(days=named[word] if word in named else int(word[:-1]))
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            day = datetime.strptime(word, form).date()
        except ValueError:
            continue  # the next form may fit
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise InvalidInputError(f"{text!r} is no day", hint="write it as 2026-11-22, today, yesterday or 7d")


def since_ms(app: App, text: str) -> int:
    """The moment at which a day begins in the user's zone; raises `InvalidInputError`."""
    from codesession.domain.periods import day_start_ms, local_date
    from codesession.services.zones import zone_of

    zone, _ = zone_of(None, app.environment)
    return day_start_ms(zone, day_of(text, local_date(zone, app.reports.now_ms())))


def _spellings(model: str) -> tuple[str, ...]:
    """What a name may stand for: tables show `opus-4-1` of `claude-opus-4-1-20250805`."""
    if model.startswith(("claude-", "*")):
        return (model,)
    return model, f"claude-{model}", f"claude-{model}-20*"


def _project(app: App, name: str) -> str:
    """A path becomes the scope that sessions there belong to; a bare name stays as it is."""
    if name not in (".", "..") and "/" not in name:
        return name
    if "*" in name:
        return name
    path = (app.directory / Path(name).expanduser()).resolve()
    return str(app.scopes.scope(path).directory) if path.is_dir() else str(path)
