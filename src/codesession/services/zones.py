"""Which time zone days are cut in: the one asked for, else `TZ`, else the machine's."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codesession.errors import InvalidInputError, reason

_LOCALTIME = Path("/etc/localtime")


def zone_of(asked: str | None, environment: Mapping[str, str], *, localtime: Path = _LOCALTIME) -> tuple[tzinfo, str]:
    """The zone and its name; raises `InvalidInputError` for a name nobody knows."""
    if asked is not None:
        return _named(asked), asked
    setting = environment.get("TZ")
    if setting is None:
        return _of_machine(localtime)
    name = setting.removeprefix(":")
    if not name:
        return UTC, "UTC"
    if name.startswith("/"):
        return _of_file(Path(name))
    return _named(name), name


def zone_for_budgets(environment: Mapping[str, str]) -> tzinfo:
    """
    The zone that budgets' days are cut in: `TZ`, else the machine's.

    A name that nobody knows means UTC, as it does for the system: a typing error must not disarm a budget.
    """
    try:
        return zone_of(None, environment)[0]
    except InvalidInputError:
        return UTC


def _named(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if (rule := _of_rule(name)) is not None:
            return rule
        raise InvalidInputError(
            f"no time zone {name!r} is known", hint="give a name like Europe/Berlin, Asia/Kolkata or UTC"
        ) from error


def _of_rule(rule: str) -> tzinfo | None:
    """
    A zone from a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`, None if it is not one.

    The standard library reads such rules only as the last line of a zone file (RFC 8536), so it is given one
    with nothing else in it.
    """
    if not rule.isascii() or "\n" in rule or not any(c.isdigit() for c in rule):
        return None
    header = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lbB", 0, 0, 0) + b"UTC\0"
    content = (header + body) * 2 + b"\n" + rule.encode() + b"\n"
    try:
        return ZoneInfo.from_file(io.BytesIO(content), key=rule)
    except ValueError:
        return None  # not a rule either; the caller names what it was given


def _of_machine(localtime: Path) -> tuple[tzinfo, str]:
    if localtime.exists():
        return _of_file(localtime)
    here = datetime.now().astimezone()
    return timezone(here.utcoffset() or here - here), here.tzname() or "local"


def _of_file(path: Path) -> tuple[tzinfo, str]:
    target = path.resolve()
    _, found, name = target.as_posix().partition("/zoneinfo/")
    try:
        with target.open("rb") as file:
            return ZoneInfo.from_file(file, key=name if found else "local"), name if found else "local"
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"cannot read the time zone file {path}: {reason(error)}", hint="give --timezone, or set TZ to a name"
        ) from error
