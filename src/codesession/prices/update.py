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
    from codesession.prices.generator.genai import Source

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
    Composes a price set into `folder`, in one step; nothing is written when it is the one in use already.

    `newest` fetches the source, from `url` where given: it is of `today` (ISO date), an installed one of the day
    that its data is of. The changes are against what was in use before. A shift
    above tenfold, or to nothing, is refused unless `accept` says that somebody looked. Raises UnavailableError without
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
        first = suspicious[0]
        raise InvalidInputError(
            f"{len(suspicious)} prices moved more than tenfold or to nothing, first {first.model}: {first.what}",
            hint="look at them, then accept them",
        )
    after = str(fresh["index"]["version"])
    written = not dry_run and (bool(changes) or after != current.version)
    if written:
        files.write_folder(fresh, folder)
    return UpdateReport(current.version, after, changes, written)


def _composed(packaged: Catalog, today: str, newest: bool, url: str | None) -> dict[str, dict[str, Any]]:
    """The set of a source, never of an earlier day than the packaged one."""
    from codesession.prices.generator import corrections, files, genai

    try:
        if newest:
            from codesession.prices.generator.newest import fetch

            source, day = fetch(url), today
        else:
            source = genai.installed()
            day = _latest_day(source, today) if packaged.version.partition("+")[2] != source.name else ""
        return files.compose(str(packaged.index["reviewed"]), max(day, str(packaged.index["date"])), source)
    except ImportError as error:
        raise UnavailableError(
            "updating prices needs the genai-prices package", hint="pip install -U genai-prices"
        ) from error
    except corrections.CorrectionError as error:
        which = "newest" if newest else "installed"
        raise UnavailableError(
            f"the {which} genai-prices does not fit this version: {error}", hint="pip install -U codesession"
        ) from error


def _latest_day(source: Source, today: str) -> str:
    """The day of the newest price in a source that does not say its own: it cannot be older."""
    from codesession.prices.generator import genai

    models = [model for provider in genai.read(source).values() for model in provider.values()]
    begun = [row["from"] for model in models for row in model["prices"] if "from" in row]
    return max((day for day in begun if day <= today), default="")


def freshness(version: str, today: str) -> Freshness:
    """How old a price version (`PriceBook.version`) is on a day (ISO date)."""
    date = version.partition("+")[0]
    age = day_number(today) - day_number(date)
    return Freshness(version, date, age, age > STALE_DAYS)
