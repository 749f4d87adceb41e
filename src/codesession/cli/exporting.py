"""Sessions, calls and charges, written as they are read so that a large ledger needs no memory."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from codesession.cli.output import say, writing
from codesession.contract import export_json, indented, session_json
from codesession.domain.pricing import decimal_string
from codesession.services.exports.csv_cells import csv_cell

if TYPE_CHECKING:
    from codesession.domain.report import ReportRequest
    from codesession.services.exports.calls import ExportedCall
    from codesession.services.exports.service import ExportService
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

_line = json.JSONEncoder(ensure_ascii=False).encode


@contextmanager
def target(path: Path | None) -> Iterator[TextIO]:
    """Stdout, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            with unfinished.open("x", encoding="utf-8", newline="") as out:
                yield out
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def write_json(out: TextIO, details: Iterable[SessionDetail]) -> None:
    """An array of sessions."""
    first = True
    for detail in details:
        out.write("[\n" if first else ",\n")
        out.write(indented(export_json(detail), is_one_of_many=True))
        first = False
    out.write("[]\n" if first else "\n]\n")


def write_csv(out: TextIO, sessions: SessionService, *, limit: int | None) -> None:
    """RFC 4180: CRLF, quotes doubled; cells that a spreadsheet would run as a formula are defused."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for session in sessions.newest_first(limit=limit):
        values = session_json(session) | {"agents": "; ".join(sessions.agent_names(session.id))}
        writer.writerow([csv_cell(values[column]) for column in CSV_COLUMNS])


def write_ndjson(out: TextIO, details: Iterable[SessionDetail]) -> None:
    """One session on each line."""
    for detail in details:
        out.write(_line(export_json(detail)) + "\n")


def write_calls(out: TextIO, calls: Iterable[ExportedCall], kind: str) -> None:
    """A row for every call: `ndjson`, or `csv` with a header."""
    if kind == "ndjson":
        for call in calls:
            out.write(_line(_json_values(call.row())) + "\n")
        return
    from codesession.services.exports.calls import COLUMNS

    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for call in calls:
        writer.writerow([csv_cell(value) for value in _csv_values(call.row()).values()])


def write_parquet(path: Path, calls: Iterable[ExportedCall]) -> None:
    """A file of calls; says on stderr how many."""
    from codesession.services.exports.parquet import write_parquet

    with writing(path):
        written = write_parquet(path, calls)
    say(f"{written:,} calls in {path}")


def write_focus(out: TextIO, exports: ExportService, request: ReportRequest, *, per: str, account: str | None) -> None:
    """FOCUS charges with a header; what has no known cost is left out and counted on stderr."""
    from codesession.services.exports.focus import COLUMNS, DEFAULT_ACCOUNT, focus_row

    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    unpriced = 0
    for charge in exports.charges_by_call(request) if per == "call" else exports.charges_by_day(request):
        unpriced += charge.totals.unpriced_requests
        if charge.is_priced:
            writer.writerow(
                [csv_cell(value) for value in focus_row(charge, account=account or DEFAULT_ACCOUNT).values()]
            )
    if unpriced:
        say(f"warning: {unpriced:,} calls have no known cost and are in no amount; `cs pricing check` says why")


def _json_values(row: dict[str, Any]) -> dict[str, Any]:
    """Times as text; dollars as a number beside the exact `cost_picousd`."""
    cost = row["cost_usd"]
    return row | {"started_at": _time(row["started_at"]), "cost_usd": None if cost is None else round(float(cost), 10)}


def _csv_values(row: dict[str, Any]) -> dict[str, Any]:
    """Times and exact dollars as text."""
    cost = row["cost_usd"]
    return row | {"started_at": _time(row["started_at"]), "cost_usd": None if cost is None else decimal_string(cost)}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
