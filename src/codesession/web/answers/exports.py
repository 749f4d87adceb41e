"""A session to take away: everything as JSON, or its calls as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from codesession.contract import call_json, export_json, indented
from codesession.services.exports.csv_cells import csv_cell

if TYPE_CHECKING:
    from codesession.app import App

_COLUMNS = (
    "timestamp",
    "provider",
    "model",
    "agentName",
    "subagentId",
    "promptTokens",
    "cacheReadTokens",
    "cacheWriteTokens",
    "completionTokens",
    "reasoningTokens",
    "tokens",
    "cost",
    "costStatus",
    "responseId",
)


def export(app: App, session_id: int, form: str) -> bytes:
    """`json` as `cs export` writes it, or `csv` with a line per call."""
    detail = app.sessions.detail(session_id, all_calls=True)
    if form == "json":
        return indented(export_json(detail)).encode()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for call in detail.requests:
        values = call_json(call)
        writer.writerow([csv_cell(values.get(column)) for column in _COLUMNS])
    return out.getvalue().encode()
