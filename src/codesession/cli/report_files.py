"""Reports as CSV and Markdown, from the same values as their JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from codesession.cli.output import count, plain
from codesession.cli.render import compact
from codesession.contract import Json
from codesession.contract_reports import ROW_KEYS, row_json
from codesession.services.exports.csv_cells import csv_cell

if TYPE_CHECKING:
    from codesession.domain.report import Currency, Report, ReportRow, UsageTotals

_IDENTITY = {
    "model": ("model", "provider"),
    "session": ("session", "name", "status", "project", "branch", "startTime", "endTime"),
    "conversation": ("conversation", "session", "name", "project", "branch", "startTime"),
    "blocks": ("block", "blockEnd", "isActive"),
}
_NEVER_CUT = {"session": "Sessions", "conversation": "Conversations of sessions", "blocks": "Windows"}
_FIGURES = (
    "calls",
    "unpricedCalls",
    "lowerBoundCalls",
    "listPriceCalls",
    "inputTokens",
    "uncachedInputTokens",
    "cacheReadTokens",
    "cacheWriteTokens",
    "outputTokens",
    "reasoningTokens",
    "totalTokens",
    "costUsd",
    "costStatus",
)


def write_csv(out: TextIO, report: Report, currency: Currency | None) -> None:
    """RFC 4180; formulas defused. With a breakdown every line is a part of a row, so that columns still add up."""
    columns = _columns(report, currency)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for line in _lines(report, currency):
        writer.writerow([csv_cell(line.get(column)) for column in columns])


def _columns(report: Report, currency: Currency | None) -> list[str]:
    identity = list(_IDENTITY.get(report.kind, (ROW_KEYS[report.kind],)))
    if report.breakdown:
        identity += ["agent"] if report.kind == "model" else ["model", "provider"]
    elif report.kind != "model":
        identity.append("models")
    return [*identity, *_FIGURES, *(("cost", "currency") if currency is not None else ())]


def _lines(report: Report, currency: Currency | None) -> Iterator[Json]:
    for row in report.rows:
        line = row_json(report.kind, row, currency)
        if report.breakdown:
            yield from ({**line, **part} for part in line["breakdown"])
        else:
            yield {**line, "models": "; ".join(row.models)}


def write_markdown(out: TextIO, report: Report, currency: Currency | None) -> None:
    """A table for an issue, a pull request or a chat."""
    heads = [ROW_KEYS[report.kind].capitalize(), "Models", "Calls", "Input", "Cached", "Output", "Cost (USD)"]
    if report.kind == "model":
        heads[1] = "Provider"
    own = [] if currency is None else [f"Cost ({currency.code})"]
    out.write(_line([*heads, *own]))
    out.write(_line(["---", "---", *["---:"] * (5 + len(own))]))
    for row in report.rows:
        second = row.provider or "" if report.kind == "model" else ", ".join(row.models)
        out.write(_line([_name(report.kind, row), second, *_amounts(row.totals, currency)]))
        for part in row.breakdown:
            out.write(_line(["", part.name or "(unknown)", *_amounts(part.totals, currency)]))
        if row.subagents is not None and row.subagents.requests:
            out.write(_line(["", "of it sub-agents", *_amounts(row.subagents, currency)]))
    out.write(_line(["**Total**", "", *_amounts(report.totals, currency)]))
    for remark in remarks(report):
        out.write(f"\n{remark}\n")


def _name(kind: str, row: ReportRow) -> str:
    if kind == "blocks":
        line = row_json(kind, row)
        return f"{line['block']}{' (active)' if row.active else ''}"
    return row.label or ("(no session)" if kind == "session" else "(unknown)")


def _amounts(totals: UsageTotals, currency: Currency | None) -> list[str]:
    costs = [totals.cost_text(), *([] if currency is None else [totals.cost_text(currency)])]
    counts = (totals.requests, totals.input_tokens, totals.cache_read_input_tokens, totals.output_tokens)
    return [*(f"{count:,}" for count in counts), *costs]


def _line(cells: list[str]) -> str:
    escaped = (plain(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for text in cells)
    return f"| {' | '.join(escaped)} |\n"


def remarks(report: Report) -> list[str]:
    """What a reader must know beside the table, a sentence or two each."""
    said = (inexact(report.totals), _undivided(report.totals), _whole(report), _shortened(report))
    return [remark for remark in said if remark is not None]


def inexact(totals: UsageTotals) -> str | None:
    """What is not exact about a total, in a sentence or two; None when all is."""
    parts = []
    if unpriced := totals.unpriced_requests:
        parts.append(f"{_of_calls(unpriced, totals)} {'has' if unpriced == 1 else 'have'} no known cost")
    if at_least := totals.lower_bound_requests:
        parts.append(f"{at_least:,} {'costs' if at_least == 1 else 'cost'} at least what is shown")
    said = [f"{'; '.join(parts)}: the true total is higher."] if parts else []
    if listed := totals.list_price_requests:
        said.append(f"{_of_calls(listed, totals)} {'is' if listed == 1 else 'are'} at list price: the bill may differ.")
    return " ".join(said) or None


def _of_calls(number: int, totals: UsageTotals) -> str:
    return f"{number:,} of {count(totals.requests, 'call')}"


def _undivided(totals: UsageTotals) -> str | None:
    """That tokens stand in no column; None when all do."""
    bare = totals.total_tokens - totals.input_tokens - totals.output_tokens
    return f"Of {compact(bare)} more tokens only the sum is known: Input and Output lack them." if bare else None


def _whole(report: Report) -> str | None:
    """That rows are not cut where the time asked for begins and ends, as days are; None where they are."""
    if (report.since is None and report.until is None) or report.kind not in _NEVER_CUT:
        return None
    return f"{_NEVER_CUT[report.kind]} that began in that time, with what they used later."


def _shortened(report: Report) -> str | None:
    """That there are more rows than are shown, all of which the total counts."""
    if report.rows_found <= len(report.rows):
        return None
    return f"{len(report.rows):,} of {count(report.rows_found, 'row')}; --last N shows more."
