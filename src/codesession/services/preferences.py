"""
Change a few keys of `config.toml` and leave everything else as its owner wrote it.

Lines are changed, not the whole file written anew, so that comments and order stay. The result is read back before it
replaces the file: when it does not say what it should, the file stays untouched.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.errors import InvalidInputError
from codesession.services.files import ended_like, read_text, write_whole

if TYPE_CHECKING:
    from codesession.domain.report import Currency

_HEADER = re.compile(r"\s*\[")
_REPORT = re.compile(r"\s*\[\s*report\s*\]\s*(#.*)?")
_OURS = re.compile(r"\s*(currency|rate)\s*=")


def write_currency(path: Path, currency: Currency | None) -> None:
    """Set `[report] currency, rate`, or drop both; raises `InvalidInputError` for a file that cannot be changed."""
    import tomllib

    text = _read(path)
    changed = _changed(text, currency)
    try:
        wanted = _expected(tomllib.loads(text), currency)
        understood = tomllib.loads(changed)
    except tomllib.TOMLDecodeError as error:
        raise _unchanged(path, str(error)) from error
    if understood != wanted:
        raise _unchanged(path, "its [report] section is written in a way of its own")
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(target, ended_like(changed, text), target.stat().st_mode & 0o777 if target.exists() else 0o600)


def _read(path: Path) -> str:
    try:
        return read_text(path) or ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unchanged(path, str(error)) from error


def _changed(text: str, currency: Currency | None) -> str:
    lines, inside, place = [], False, None
    for line in text.splitlines():
        if _HEADER.match(line):
            inside = _REPORT.fullmatch(line) is not None
        if inside and _OURS.match(line):
            continue
        lines.append(line)
        if inside and _REPORT.fullmatch(line):
            place = len(lines)
    if currency is not None:
        ours = [f'currency = "{currency.code}"', f'rate = "{currency.rate}"']
        if place is None:
            lines += [*([""] if lines else []), "[report]", *ours]
        else:
            lines[place:place] = ours
    return "\n".join(lines) + "\n" if lines else ""


def _expected(config: dict[str, Any], currency: Currency | None) -> dict[str, Any]:
    report = {key: value for key, value in config.get("report", {}).items() if key not in ("currency", "rate")}
    if currency is not None:
        report |= {"currency": currency.code, "rate": str(currency.rate)}
    return {**config, "report": report} if report or "report" in config else config


def _unchanged(path: Path, why: str) -> InvalidInputError:
    return InvalidInputError(f"{path} was not changed: {why}", hint="edit it by hand")
