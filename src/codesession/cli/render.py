"""
Answers for people: aligned, quiet, right in 80 columns and with wide characters.

Colour only underlines what the words say. Text that users, agents or git wrote is shown on one line with its
control characters removed, so that no name can drive the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from codesession.cli.output import below_home, count, plain
from codesession.contract import format_duration
from codesession.domain.money import format_at_least, format_usd

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.pricing import ModelRates
    from codesession.domain.report import UsageTotals
    from codesession.domain.session import Session
    from codesession.domain.totals import ModelTotal, SessionStats
    from codesession.services.recording import LoggedCall
    from codesession.services.sessions import SessionDetail

_MARKS = {"created": "+", "modified": "~", "deleted": "-"}
_LISTED = 50
"""Files or commits shown before the rest is only counted."""


def ago(at_ms: int, now_ms: int) -> str:
    """`just now`, `5m ago`, `3d ago`"""
    passed = now_ms - at_ms
    return "just now" if passed < 60_000 else f"{format_duration(passed).split()[0]} ago"


def compact(tokens: int) -> str:
    """`950`, `16.5K`, `1.2M`: enough digits to compare, few enough to read."""
    if tokens < 10_000:
        return f"{tokens:,}"
    for size, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if tokens * 20 >= size * 20 - size // 1_000:  # what would be rounded up to a thousand of the smaller unit
            return f"{tokens / size:.1f}".removesuffix(".0") + unit
    return str(tokens)


def cost_text(session: Session) -> Text:
    """Dollars, with a mark when the true cost is higher."""
    if session.requests == 0:
        return Text("-", style="dim")
    return Text(session.cost_text(), style="yellow" if session.known_cost_picousd is None else "bold")


def _table(*columns: tuple[str, str], indent: int = 0) -> Table:
    """A table whose `wide` columns give way where space is short: of the numbers no digit may be lost."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    if indent:
        table.add_column("", width=indent - 2, no_wrap=True)
    for name, kind in columns:
        if kind == "number":
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, no_wrap=kind != "wide", overflow="ellipsis")
    return table


def _wide(text: str, mark: Text | None = None) -> Text:
    """A cell of a wide column: cut at the column's end instead of being continued below."""
    cell = Text(no_wrap=True, overflow="ellipsis")
    if mark is not None:
        cell.append_text(mark)
    return cell.append(plain(text))


def session(
    console: Console,
    detail: SessionDetail,
    totals: Sequence[ModelTotal],
    *,
    files: bool = False,
    commits: bool = False,
) -> None:
    """One session, whole."""
    seen = detail.session
    duration = format_duration(seen.duration_ms(detail.seen_at_ms))
    state = f"active, {duration}" if seen.is_active else f"completed in {duration}"
    console.print(Text(plain(seen.name), style="bold"), overflow="ellipsis", no_wrap=True)
    branch = f" ({plain(seen.git_branch)})" if seen.git_branch else ""
    logged = f" · from the log of {_source(seen)}" if seen.source == "log" else ""
    line = f"session {seen.id}{logged} · {state} · {plain(below_home(seen.directory))}{branch}"
    console.print(Text(line, style="dim"), overflow="fold")
    console.print()
    _totals(console, detail)
    _models(console, totals)
    if commits and detail.commits:
        _heading(console, "Commits")
        _listing(console, [(c.hash[:7], c.message) for c in detail.commits])
    if files and detail.files:
        _heading(console, "Files")
        _listing(console, [(_MARKS.get(f.change_type, "?"), f.file_path) for f in detail.files])
    if detail.notes:
        _heading(console, "Notes")
        _listing(console, [(ago(n.created_at_ms, detail.seen_at_ms), n.message) for n in detail.notes])
    if seen.end_notes:
        _heading(console, "At the end")
        console.print(Text("  " + plain(seen.end_notes)), overflow="fold")


def _totals(console: Console, detail: SessionDetail) -> None:
    seen = detail.session
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=0)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    table.add_row("", "AI cost", cost_text(seen), _calls(seen))
    if (inner := _inner(seen)) is not None:
        table.add_row("", "Runs inside", inner, "sessions of their own")
    if seen.budget_picousd is not None:
        left = seen.budget_picousd - seen.spent_picousd
        partial = seen.is_partial or seen.inner_partial_requests > 0
        at_most = "≤ " if partial else ""
        over = format_at_least(-left, partial=partial)
        said = f"{at_most}{format_usd(left)} unspent" if left >= 0 else f"{over} over"
        table.add_row("", "Budget", format_usd(seen.budget_picousd), said)
    if seen.total_tokens:
        table.add_row("", "Tokens", compact(seen.total_tokens), _tokens(seen))
    table.add_row("", "Work", count(seen.files_changed, "file"), count(seen.commits, "commit"))
    console.print(table)


def _inner(seen: Session) -> str | None:
    """What the runs inside a run cost; None where there are none, or none that cost anything."""
    partial = seen.inner_partial_requests > 0
    return format_at_least(seen.inner_picousd, partial=partial) if seen.inner_picousd or partial else None


def _calls(seen: Session) -> str:
    if not seen.requests:
        return "no model call seen"
    return " · ".join(counted(seen))


def counted(seen: Session | SessionStats | UsageTotals) -> list[str]:
    """How many calls, and how many of them have no exact cost."""
    inexact = (
        (seen.unpriced_requests, "unpriced"),
        (seen.lower_bound_requests, "at least"),
        (seen.list_price_requests, "at list price"),
    )
    return [count(seen.requests, "call"), *(f"{number:,} {what}" for number, what in inexact if number)]


def _tokens(seen: Session) -> str:
    if not seen.input_tokens and not seen.output_tokens:
        return ""
    said = f"{compact(seen.input_tokens)} in"
    if seen.cache_read_input_tokens:
        said += f" ({compact(seen.cache_read_input_tokens)} from cache)"
    said += f" · {compact(seen.output_tokens)} out"
    if seen.reasoning_output_tokens:
        said += f" ({compact(seen.reasoning_output_tokens)} reasoning)"
    if bare := seen.total_tokens - seen.input_tokens - seen.output_tokens:
        said += f" · {compact(bare)} not told apart"
    return said


def _models(console: Console, totals: Sequence[ModelTotal]) -> None:
    if not totals:
        return
    console.print()
    table = _table(("Model", "wide"), ("Calls", "number"), ("Tokens", "number"), ("Cost", "number"), indent=2)
    for row in totals:
        table.add_row("", _wide(row.model), f"{row.requests:,}", compact(row.total_tokens), row.cost_text())
    console.print(table)


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(f"  {title}", style="dim"))


def _listing(console: Console, rows: Sequence[tuple[str, str]]) -> None:
    table = _table(("", "text"), ("", "wide"), indent=2)
    table.show_header = False
    for mark, text in rows[:_LISTED]:
        table.add_row("", Text(mark, style="dim"), _wide(text))
    console.print(table)
    if len(rows) > _LISTED:
        console.print(Text(f"  and {len(rows) - _LISTED:,} more", style="dim"))


_SESSION_COLUMNS = {
    "ID": ("number", 0),
    "Session": ("wide", 0),
    "Source": ("text", 70),
    "Started": ("number", 50),
    "Time": ("number", 60),
    "Files": ("number", 80),
    "Commits": ("number", 80),
    "Tokens": ("number", 65),
    "AI cost": ("number", 0),
}
"""What a list of sessions shows, and how much room it needs beside a source, which is there only where logs are one."""


def _source(seen: Session) -> str:
    """Who kept the session: the agent whose log it is from, or `cs`."""
    return plain(seen.agent_name or seen.source) if seen.source == "log" else seen.source


def _session_cells(seen: Session, now_ms: int) -> dict[str, str | Text]:
    mark = Text("● ", style="green") if seen.is_active else Text("  ")
    return {
        "ID": str(seen.id),
        "Session": _wide(seen.name, mark),
        "Source": _source(seen),
        "Started": ago(seen.started_at_ms, now_ms),
        "Time": format_duration(seen.duration_ms(now_ms)),
        "Files": f"{seen.files_changed:,}",
        "Commits": f"{seen.commits:,}",
        "Tokens": compact(seen.total_tokens),
        "AI cost": cost_text(seen),
    }


def sessions(console: Console, found: Sequence[Session], *, now_ms: int) -> None:
    """A table of sessions."""
    if not found:
        console.print("No session yet. Begin with: cs run -- your-agent")
        console.print('                      or with: cs start "what you are doing"')
        return
    has_source = console.width >= _SESSION_COLUMNS["Source"][1] and any(seen.source == "log" for seen in found)
    room = console.width - (max(cell_len(_source(seen)) for seen in found) + 2 if has_source else 0)
    shown = [
        name
        for name, (_, least_room) in _SESSION_COLUMNS.items()
        if (has_source if name == "Source" else room >= least_room)
    ]
    table = _table(*((name, _SESSION_COLUMNS[name][0]) for name in shown))
    for seen in found:
        cells = _session_cells(seen, now_ms)
        table.add_row(*(cells[name] for name in shown))
    console.print(table)
    if any(seen.is_active for seen in found):
        console.print(Text("● active", style="dim"))


def stats(console: Console, totals: SessionStats) -> None:
    """Totals over completed sessions."""
    if not totals.sessions:
        console.print("No completed session yet.")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    average = format_duration(totals.duration_ms // totals.sessions)
    table.add_row("Sessions", f"{totals.sessions:,}", "completed")
    table.add_row("Time", format_duration(totals.duration_ms), f"{average} on average")
    table.add_row("AI cost", totals.cost_text(), ", ".join(counted(totals)))
    table.add_row("Tokens", compact(totals.total_tokens), "")
    table.add_row("Files", f"{totals.files_changed:,}", "changed")
    table.add_row("Commits", f"{totals.commits:,}", "")
    console.print(table)


def recovered(console: Console, ended: Sequence[Session], *, now_ms: int) -> None:
    """What `cs recover` ended."""
    if not ended:
        console.print("Nothing to recover.")
        return
    for seen in ended:
        started = ago(seen.started_at_ms, now_ms)
        console.print(f'Ended session {seen.id} "{plain(seen.name)}", started {started}.')


def logged(console: Console, call: LoggedCall) -> None:
    """What `cs log-ai` recorded."""
    request, seen = call.request, call.session
    known = "" if call.new else " (known already, merged)"
    console.print(
        f"Recorded {plain(request.request_model)}: {compact(request.total_tokens)} tokens, "
        f"{format_usd(request.cost_picousd)}{known}"
    )
    cost = format_at_least(seen.cost_picousd, partial=seen.is_partial)
    console.print(Text(f'session {seen.id} "{plain(seen.name)}" is at {cost}', style="dim"), overflow="fold")


def top_model(totals: Sequence[ModelTotal]) -> str | None:
    """`claude-opus-5-5, 1.2M tokens` of the dearest model."""
    return f"{plain(totals[0].model)}, {compact(totals[0].total_tokens)} tokens" if totals else None


def run_summary(console: Console, detail: SessionDetail, totals: Sequence[ModelTotal], *, refused: int = 0) -> None:
    """What `cs run` says at the end, on stderr; `refused` calls were never made and are in no figure."""
    seen = detail.session
    calls = _calls(seen) if seen.requests or not refused else "no call made"
    if refused:
        calls += f" · {refused:,} refused"
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("AI cost", cost_text(seen) + Text(f"  {calls}", style="dim"))
    if (inner := _inner(seen)) is not None:
        table.add_row("Runs inside", Text(inner) + Text("  sessions of their own", style="dim"))
    if (top := top_model(totals)) is not None:
        table.add_row("Top model", top)
    work = f"{count(seen.files_changed, 'file')} changed · {count(seen.commits, 'commit')}"
    table.add_row("Work", work)
    table.add_row("Time", format_duration(seen.duration_ms(detail.seen_at_ms)))
    console.print()
    console.print(Text(f"── {plain(seen.name)}", style="bold"), overflow="ellipsis", no_wrap=True)
    console.print(table)
    console.print(Text(f"cs show {seen.id} --files --commits", style="dim"))


def prices(console: Console, found: Mapping[str, ModelRates]) -> None:
    """Models and their rates."""
    if not found:
        console.print("No such model. `cs pricing list --all` shows every known one.")
        return
    from codesession.cli.fitting import Fitted

    table = Fitted(
        [("Model", "wide"), ("Provider", "wide"), ("Input", "number"), ("Cached", "number"), ("Output", "number")],
        left_out=[[1], [3]],
        heads=True,
    )
    for name, rates in found.items():
        mark = " *" if rates.source == "custom" else ""
        row = (rate(rates.input), rate(rates.cache_read), rate(rates.output))
        table.add_row(_wide(name + mark), _wide(rates.provider), *row)
    console.print(table)
    custom = "; * your own" if any(rates.source == "custom" for rates in found.values()) else ""
    console.print(Text(f"US dollars per million tokens, today's standard tier{custom}", style="dim"))


def rate(value: Decimal | None) -> str:
    """`3.00`, `0.0036`: at least cents, at most what was published."""
    if value is None:
        return "-"
    cents = value.quantize(Decimal("0.01"))
    return f"{cents if cents == value else value.normalize():f}"
