"""One picture of `cs live`: what matters first, so that a small terminal cuts the least of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from codesession.cli.fitting import Fitted
from codesession.cli.output import plain
from codesession.cli.render import compact, counted
from codesession.cli.report_tables import cost_text
from codesession.contract import format_duration
from codesession.domain.money import format_at_least, format_usd
from codesession.domain.report import Share, UsageTotals

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from codesession.cli.fitting import Kind
    from codesession.domain.live import LiveSnapshot
    from codesession.domain.report import Currency
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session

_BARS = "▁▂▃▄▅▆▇█"
_MINUTES_PER_BAR = 2
_BUDGET_WIDTH = 12
_FIXED_LINES = 9
"""Lines that are always there: head, totals, headings, blank ones, foot."""
_UNBOUNDED = 40

_SESSION: Sequence[tuple[str, Kind]] = (
    *(("number", "number"), ("name", "wide"), ("time", "number"), ("cost", "number")),
    *(("bar", "text"), ("budget", "number")),
)
_SHARE: Sequence[tuple[str, Kind]] = (("name", "wide"), ("calls", "number"), ("cost", "number"))
_CALL: Sequence[tuple[str, Kind]] = (
    *(("time", "text"), ("model", "wide"), ("who", "text")),
    *(("input", "number"), ("output", "number"), ("cost", "number")),
)
"""What there is of each, and whether words may be cut; the names are for whoever reads this."""


def frame(seen: LiveSnapshot, zone: tzinfo, currency: Currency | None, *, height: int | None) -> RenderableType:
    """A picture that fits into `height` lines; None for one that may be as long as it needs."""
    left = (_UNBOUNDED if height is None else height) - _FIXED_LINES
    sessions = seen.sessions[: max(1, min(6, left // 3))]
    shares = max(len(seen.models), len(seen.agents), 1)
    shares = min(shares, max(1, min(5, left // 3)))
    calls = seen.calls[: max(1, min(20, left - max(1, len(sessions)) - shares))]
    parts: list[RenderableType] = [_head(seen, zone, currency), Text()]
    parts += [
        _heading("Sessions", len(seen.sessions), len(sessions)),
        _sessions(sessions, seen.at_ms, currency),
        Text(),
    ]
    parts += [_shares(seen, shares, currency), Text()]
    parts += [_heading("Last calls", len(seen.calls), len(calls)), _calls(calls, seen.day, zone, currency)]
    if height is not None:
        parts.append(Text("q leaves", style="dim"))
    return Group(*parts)


def _money(picousd: int | None, currency: Currency | None) -> str:
    return format_usd(picousd) if currency is None else currency.format(picousd)


def _head(seen: LiveSnapshot, zone: tzinfo, currency: Currency | None) -> RenderableType:
    clock = datetime.fromtimestamp(seen.at_ms // 1000, zone)
    today = Text("Today ", style="dim") + _bold(cost_text(seen.today, currency))
    pace = Text(f"{_money(seen.pace_picousd, currency)}/h", style="bold") + Text(" now", style="dim")
    hour = f" · {_money(seen.last_hour_picousd, currency)} in the last hour"
    return Group(
        _Sides([today, *_said(seen.today)], Text(f"{clock:%H:%M:%S}", style="dim")),
        _Sides([pace, Text(hour, style="dim")], Text(_sparkline(seen.minutes), style="cyan"), whole=2),
    )


class _Sides:
    """One line: pieces at the left, the last of which finds no room first, and something at the right."""

    def __init__(self, pieces: Sequence[Text], right: Text, *, whole: int = 1) -> None:
        self._pieces = pieces
        self._right = right
        self._whole = whole
        """So many pieces matter more than what is at the right."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The line for this width."""
        room, right = options.max_width, self._right
        if _length(self._pieces[: self._whole]) + 1 + right.cell_len > room:
            right = Text()
        pieces = list(self._pieces)
        while len(pieces) > 1 and _length(pieces) + (1 + right.cell_len if right else 0) > room:
            pieces.pop()
        left = Text().join(pieces)
        yield left + Text(" " * max(0, room - left.cell_len - right.cell_len)) + right if right else left


def _length(pieces: Sequence[Text]) -> int:
    return sum(piece.cell_len for piece in pieces)


def _bold(text: Text) -> Text:
    text.stylize("bold")
    return text


def _said(totals: UsageTotals) -> list[Text]:
    said = [*counted(totals), f"{compact(totals.total_tokens)} tokens"]
    return [Text(("  " if words is said[0] else " · ") + words, style="dim") for words in said]


def _sparkline(minutes: Sequence[int]) -> str:
    """The last hour in thirty bars; the tallest is the dearest two minutes."""
    sums = [sum(minutes[i : i + _MINUTES_PER_BAR]) for i in range(0, len(minutes), _MINUTES_PER_BAR)]
    most = max(sums, default=0)
    if most == 0:
        return ""
    return "".join(" " if value == 0 else _BARS[value * (len(_BARS) - 1) // most] for value in sums)


def _heading(title: str, of: int, shown: int) -> Text:
    more = f" ({shown} of {of:,})" if shown < of else ""
    return Text(title + more, style="dim", no_wrap=True, overflow="ellipsis")


def _sessions(sessions: Sequence[Session], now_ms: int, currency: Currency | None) -> RenderableType:
    if not sessions:
        return Text("  none is active", style="dim")
    table = Fitted(_SESSION, left_out=([4], [2], [0], [5]), expand=True)
    for session in sessions:
        table.add_row(
            str(session.id),
            plain(session.name),
            format_duration(session.duration_ms(now_ms)),
            cost_text(UsageTotals.of_session(session), currency) if session.requests else Text("-", style="dim"),
            *_budget(session, currency),
        )
    return table


def _budget(session: Session, currency: Currency | None) -> tuple[Text, Text]:
    """`██████░░░░░░` and `50 % of $4.00`; empty without a budget."""
    budget = session.budget_picousd
    if budget is None:
        return Text(), Text()
    percent = 100 if budget == 0 else session.spent_picousd * 100 // budget
    full = min(_BUDGET_WIDTH, percent * _BUDGET_WIDTH // 100)
    style = "red" if percent >= 100 else "yellow" if percent >= 80 else "green"
    bar = Text("█" * full + "░" * (_BUDGET_WIDTH - full), style=style)
    return bar, Text(f"{percent:,} % of {_money(budget, currency)}")


def _shares(seen: LiveSnapshot, lines: int, currency: Currency | None) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(ratio=1)
    table.add_row(
        Group(
            _heading("Models today", len(seen.models), min(lines, len(seen.models))),
            _list(seen.models, lines, currency),
        ),
        Group(
            _heading("Agents today", len(seen.agents), min(lines, len(seen.agents))),
            _list(seen.agents, lines, currency),
        ),
    )
    return table


def _list(shares: Sequence[Share], lines: int, currency: Currency | None) -> RenderableType:
    if not shares:
        return Text("  no call yet", style="dim")
    table = Fitted(_SHARE, left_out=([1],), expand=True)
    for share in shares[:lines]:
        name = plain(share.name) if share.name else Text("(unknown)", style="dim")
        table.add_row(name, f"{share.totals.requests:,}", cost_text(share.totals, currency))
    return table


def _calls(calls: Sequence[ModelRequest], day: date, zone: tzinfo, currency: Currency | None) -> RenderableType:
    if not calls:
        return Text("  none recorded yet", style="dim")
    table = Fitted(_CALL, left_out=([3, 4], [2], [0]), expand=True)
    for call in calls:
        at = datetime.fromtimestamp(call.started_at_ms // 1000, zone)
        usage = call.usage
        split = ("-", "-") if usage is None else (compact(usage.input_tokens), compact(usage.output_tokens))
        model, who = plain(call.model), plain(call.agent_name or call.provider_name)
        when = f"{at:%H:%M:%S}" if at.date() == day else f"{at:%m-%d %H:%M}"
        table.add_row(when, model, Text(who, style="dim"), *split, _cost(call, currency))
    return table


def _cost(call: ModelRequest, currency: Currency | None) -> Text:
    """As sums have it: marked where the call cost more than is known."""
    if call.cost_picousd is None:
        return Text("unpriced", style="yellow")
    return Text(format_at_least(call.cost_picousd, partial=call.is_lower_bound, currency=currency))
