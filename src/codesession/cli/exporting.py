"""Sessions as JSON and CSV, written as they are read so that a large ledger needs no memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from codesession.contract import export_json, session_json

if TYPE_CHECKING:
    from codesession.services.sessions import SessionDetail, SessionService

CSV_COLUMNS = (
    "id",
    "name",
    "status",
    "startTime",
    "endTime",
    "duration",
    "filesChanged",
    "commits",
    "aiTokens",
    "aiCost",
    "agents",
    "notes",
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_json(out: TextIO, details: Iterable[SessionDetail]) -> None:
    """An array of sessions."""
    first = True
    for detail in details:
        out.write("[\n" if first else ",\n")
        out.write(json.dumps(export_json(detail), ensure_ascii=False, indent=2))
        first = False
    out.write("[]\n" if first else "\n]\n")


def write_csv(out: TextIO, sessions: SessionService, *, limit: int | None) -> None:
    """RFC 4180: CRLF, quotes doubled; cells that a spreadsheet would run as a formula are defused."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for session in sessions.newest_first(limit=limit):
        values = session_json(session) | {"agents": "; ".join(sessions.agent_names(session.id))}
        writer.writerow([cell(values[column]) for column in CSV_COLUMNS])


def cell(value: object) -> object:
    """One CSV cell: numbers without exponent, nothing for None, no formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") or "0"
    return "" if value is None else value
