"""Whose days are meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.services.zones import zone_of


def _offsets(asked: str | None, environment: dict[str, str]) -> tuple[timedelta | None, timedelta | None]:
    zone, _ = zone_of(asked, environment)
    return datetime(2026, 1, 1, tzinfo=zone).utcoffset(), datetime(2026, 7, 1, tzinfo=zone).utcoffset()


def test_the_option_beats_the_environment() -> None:
    """`--timezone` is the last word."""
    assert zone_of("Asia/Kolkata", {"TZ": "Europe/Berlin"})[1] == "Asia/Kolkata"
    assert _offsets("Asia/Kolkata", {"TZ": "Europe/Berlin"})[0] == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("setting", ["Europe/Berlin", ":Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_tz_names_a_zone_in_any_of_its_forms(setting: str) -> None:
    """A name, a name behind a colon, or a POSIX rule."""
    assert _offsets(None, {"TZ": setting}) == (timedelta(hours=1), timedelta(hours=2))


def test_tz_may_name_a_file(tmp_path: Path) -> None:
    """A file outside the zone folders has no name of its own."""
    rule, _ = zone_of("UTC", {})
    assert rule is not None
    broken = tmp_path / "zone"
    broken.write_bytes(b"not a zone")

    with pytest.raises(InvalidInputError, match="cannot read the time zone file"):
        zone_of(None, {"TZ": str(broken)})


def test_an_empty_tz_is_utc() -> None:
    """As POSIX has it."""
    assert zone_of(None, {"TZ": ""})[1] == "UTC"


def test_without_tz_the_machine_decides(tmp_path: Path) -> None:
    """Its zone file, by the name of what it links to; without one, the offset of now."""
    zones = Path("/usr/share/zoneinfo/Asia/Tokyo")
    if not zones.exists():
        pytest.skip("no zone files on this machine")
    link = tmp_path / "localtime"
    link.symlink_to(zones)

    zone, name = zone_of(None, {}, localtime=link)

    assert name == "Asia/Tokyo"
    assert datetime(2026, 1, 1, tzinfo=zone).utcoffset() == timedelta(hours=9)
    assert zone_of(None, {}, localtime=tmp_path / "none")[0].utcoffset(None) is not None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "5", "CET\n-1"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    """A wrong zone would cut every day wrong."""
    with pytest.raises(InvalidInputError, match="no time zone"):
        zone_of(name, {})
