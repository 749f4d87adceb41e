"""From what was asked over HTTP to what services are asked."""

from __future__ import annotations

import os
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.periods import FIRST_YEAR, LAST_YEAR
from codesession.domain.report import CallFilter, Dimension, ReportRequest
from codesession.errors import InvalidInputError
from codesession.services.zones import zone_of

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.web.schemas.asking import Asked


def zone(app: App, name: str | None) -> tuple[tzinfo, str]:
    """Where days begin and end, and what that is called."""
    return zone_of(name or None, app.environment)


def request(app: App, asked: Asked) -> ReportRequest:
    """Days and filters; raises `InvalidInputError` for what makes no sense."""
    found, name = zone(app, asked.zone)
    for day in (asked.since, asked.until):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise InvalidInputError(f"{day} is out of range")
    if asked.since and asked.until and asked.until < asked.since:
        raise InvalidInputError(f"until {asked.until} is before since {asked.since}")
    where = CallFilter(
        projects=tuple(asked.project),
        providers=tuple(asked.provider),
        models=tuple(asked.model),
        agents=tuple(asked.agent),
        sources=tuple(asked.source),
    )
    return ReportRequest(zone=found, zone_name=name, since=asked.since, until=asked.until, where=where)


def project(app: App, text: str) -> str:
    """
    What calls name the project that was typed: one they name already, or the repository around a folder.

    A budget for any other word would never see a call, and never stop one.
    """
    if text in app.insights.names()[Dimension.PROJECT]:
        return text
    place = os.path.expanduser(text.strip())
    if not os.path.isabs(place):
        raise InvalidInputError(f"{text!r} is no project that calls were made in", hint="give the folder's whole path")
    return str(app.scopes.scope(Path(place)).directory) if os.path.isdir(place) else os.path.normpath(place)


def day(moment: date | None) -> str | None:
    """A date as text."""
    return None if moment is None else moment.isoformat()
