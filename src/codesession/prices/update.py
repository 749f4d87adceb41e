"""
Newer prices on the user's machine: made from genai-prices and our corrections, on request only.

The installed genai-prices is the source, or with `newest` what its project publishes today. Nothing runs by itself
and nothing is fetched unless the user says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.errors import InvalidInputError, UnavailableError
from codesession.prices.catalog import PACKAGED, Catalog
from codesession.prices.daytime import day_number

if TYPE_CHECKING:
    from codesession.prices.generator.files import Change

STALE_DAYS = 60
"""Prices older than this may miss models that came out since."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the price data is."""

    version: str
    date: str
    age_days: int
    stale: bool


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update found."""

    before: str
    after: str
    changes: tuple[Change, ...]
    written: bool


def update(
    folder: Path,
    *,
    today: str,
    newest: bool = False,
    url: str | None = None,
    accept: bool = False,
    dry_run: bool = False,
) -> UpdateReport:
    """
    Composes a price set of today (ISO date) into `folder`, in one step.

    `newest` fetches the source, from `url` where given. The changes are against what was in use before. A shift
    above tenfold is refused unless `accept` says that somebody looked. Raises UnavailableError without
    genai-prices, and when the newest prices cannot be had.
    """
    from codesession.prices.generator import files

    packaged = Catalog(PACKAGED)
    fresh = _composed(packaged, today, newest or url is not None, url)
    own = Catalog(folder) if (folder / "index.json").exists() else None
    current = own if own is not None and own.newer_than(packaged) else packaged
    changes = tuple(files.changes(files.read_folder(current.folder), fresh))
    suspicious = [change for change in changes if change.suspicious]
    if suspicious and not accept and not dry_run:
        raise InvalidInputError(
            f"{len(suspicious)} prices moved more than tenfold, first {suspicious[0].model}: {suspicious[0].what}",
            hint="look at them, then accept them",
        )
    if not dry_run:
        files.write_folder(fresh, folder)
    return UpdateReport(current.version, str(fresh["index"]["version"]), changes, not dry_run)


def _composed(packaged: Catalog, today: str, newest: bool, url: str | None) -> dict[str, dict[str, Any]]:
    """The set of today, or of the packaged set's day where the clock is behind it."""
    from codesession.prices.generator import corrections, files

    try:
        source = None
        if newest:
            from codesession.prices.generator.newest import fetch

            source = fetch(url)
        return files.compose(str(packaged.index["reviewed"]), max(today, str(packaged.index["date"])), source)
    except ImportError as error:
        raise UnavailableError(
            "updating prices needs the genai-prices package", hint="pip install -U genai-prices"
        ) from error
    except corrections.CorrectionError as error:
        which = "newest" if newest else "installed"
        raise UnavailableError(
            f"the {which} genai-prices does not fit this version: {error}", hint="pip install -U codesession"
        ) from error


def freshness(version: str, today: str) -> Freshness:
    """How old a price version (`PriceBook.version`) is on a day (ISO date)."""
    date = version.partition("+")[0]
    age = day_number(today) - day_number(date)
    return Freshness(version, date, age, age > STALE_DAYS)
