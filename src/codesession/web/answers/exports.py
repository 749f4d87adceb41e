"""A session to take away: everything as JSON, or its calls as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from codesession.contract import call_json, export_json

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
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(app: App, session_id: int, form: str) -> bytes:
    """`json` as `cs export` writes it, or `csv` with a line per call."""
    detail = app.sessions.detail(session_id, all_calls=True)
    if form == "json":
        return json.dumps(export_json(detail), ensure_ascii=False, indent=2).encode()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for call in detail.requests:
        values = call_json(call)
        writer.writerow([_cell(values.get(column)) for column in _COLUMNS])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    """Nothing for None, no exponents, and nothing a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") or "0"
    return "" if value is None else value
