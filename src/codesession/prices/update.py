"""
Newer prices on the user's machine: made from the installed genai-prices and our corrections, on request only.

Nothing is fetched here and nothing runs by itself. `pip install -U genai-prices` brings newer data.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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


def update(folder: Path, *, today: str, accept: bool = False, dry_run: bool = False) -> UpdateReport:
    """
    Composes a price set of today (ISO date) into `folder`, in one step.

    The changes are against what was in use before. A shift above tenfold is refused unless `accept` says
    that somebody looked. Raises UnavailableError without genai-prices.
    """
    from codesession.prices.generator import corrections, files

    packaged = Catalog(PACKAGED)
    try:
        fresh = files.compose(str(packaged.index["reviewed"]), today)
    except ImportError as error:
        raise UnavailableError(
            "updating prices needs the genai-prices package", hint="pip install -U genai-prices"
        ) from error
    except corrections.CorrectionError as error:
        raise UnavailableError(
            f"the installed genai-prices does not fit this version: {error}", hint="pip install -U codesession"
        ) from error
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


def freshness(version: str, today: str) -> Freshness:
    """How old a price version (`PriceBook.version`) is on a day (ISO date)."""
    date = version.partition("+")[0]
    age = day_number(today) - day_number(date)
    return Freshness(version, date, age, age > STALE_DAYS)
