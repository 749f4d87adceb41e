"""
What reports are made of: sums of usage, the ways to cut them, and rows ready to be shown.

Money is integer pico-dollars, times are UTC epoch milliseconds, spans are half-open. A cost that is not known is
never added as 0 in silence: every sum carries how many of its calls are unpriced or only a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from codesession.domain.facts import fact, names
from codesession.domain.money import PICO, CostSum, format_usd, from_picousd, to_picousd
from codesession.domain.session import Session


class Dimension(StrEnum):
    """What calls can be told apart by without reading them one by one."""

    PROJECT = "project"
    PROVIDER = "provider"
    MODEL = "model"
    AGENT = "agent"
    SOURCE = "source"
    """The set of sources that saw a call, joined by `+`: `log+proxy`."""


class Bucket(StrEnum):
    """How finely time is cut."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, its end not included."""

    start_ms: int
    end_ms: int


@fact(frozen=True, slots=True, kw_only=True)
class UsageTotals(CostSum):
    """Counters of some calls; the prompt (`input_tokens`) holds cache reads and writes."""

    requests: int = 0
    unpriced_requests: int = 0
    """Calls without a cost: no price or no usage. Never part of `cost_picousd`."""
    lower_bound_requests: int = 0
    """Calls whose usage or cost is only a lower bound."""
    list_price_requests: int = 0
    """Calls whose cost was computed at list price because a fact that may change it is missing."""
    input_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0
    total_tokens: int = 0
    """More than input and output where a source gave only a bare total."""
    cache_write_1h_input_tokens: int = 0
    """Those of the writes that are kept for an hour."""
    cost_picousd: int = 0

    @property
    def uncached_input_tokens(self) -> int:
        """Prompt tokens that were neither read from nor written to a cache."""
        return self.input_tokens - self.cache_read_input_tokens - self.cache_write_input_tokens

    def __add__(self, other: UsageTotals) -> UsageTotals:
        return UsageTotals(**{name: getattr(self, name) + getattr(other, name) for name in COUNTER_NAMES})

    def __sub__(self, other: UsageTotals) -> UsageTotals:
        return UsageTotals(**{name: getattr(self, name) - getattr(other, name) for name in COUNTER_NAMES})

    @classmethod
    def total(cls, parts: Iterable[UsageTotals]) -> UsageTotals:
        """The sum of any number of parts."""
        sums = map(sum, zip(*map(_counters, parts), strict=True))
        return cls(**dict(zip(COUNTER_NAMES, sums, strict=False)))  # of no parts there are no sums

    @classmethod
    def of_session(cls, session: Session) -> UsageTotals:
        """The counters of a session."""
        return cls(**{name: getattr(session, name) for name in COUNTER_NAMES})


COUNTER_NAMES = names(UsageTotals)
_counters = attrgetter(*COUNTER_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """
    Which calls count; an empty tuple lets all pass, several values are alternatives.

    `*` in a value stands for anything. A project is named by its path or by the last part of it, a source by one
    of those that saw the call.
    """

    projects: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def splits_sessions(self) -> bool:
        """Whether calls of one session may fall on both sides of the filter."""
        return bool(self.providers or self.models or self.agents or self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What a report is asked for."""

    zone: tzinfo
    """Where days begin and end."""
    zone_name: str
    since: date | None = None
    until: date | None = None
    """The last day included."""
    last: int | None = None
    """So many buckets up to today, or so many rows where a report is not cut by time."""
    where: CallFilter = CallFilter()
    breakdown: bool = False
    """Split every row by model (a model's by agent), and tell what sub-agents used."""
    week_start: int = 0
    """0 for Monday, 6 for Sunday."""


@fact(frozen=True, slots=True, kw_only=True)
class UsageCell:
    """One group of a query: the slot of time it fell into and its values of the dimensions asked for."""

    slot: int
    """Local time since 1970 in units of the slot's width; 0 where time was not cut."""
    keys: tuple[str, ...]
    """In the order asked for; empty text where a call does not say."""
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a row: one model, or one agent."""

    name: str | None
    """None: the calls do not say."""
    provider: str | None = None
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """How fast an unfinished window spends, and what it comes to at that pace. Amounts in pico-dollars."""

    tokens_per_minute: int
    cost_per_hour_picousd: int
    remaining_ms: int
    projected_tokens: int
    projected_cost_picousd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One line of a report."""

    label: str | None
    """A date, a month, a model, an agent, a project path, a name; None: the calls do not say."""
    totals: UsageTotals
    provider: str | None = None
    span: Span | None = None
    """The time a row stands for, where it stands for time."""
    models: tuple[str, ...] = ()
    """Dearest first."""
    breakdown: tuple[Share, ...] = ()
    subagents: UsageTotals | None = None
    """The part of `totals` that sub-agents used; None where it was not asked for."""
    session: Session | None = None
    conversation_id: str | None = None
    agents: tuple[str, ...] = ()
    active: bool = False
    """Whether a 5-hour window is still open."""
    burn: Burn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report: what was asked, its rows, and the sum of all that was asked for, shown or not."""

    kind: str
    """`daily`, `weekly`, `monthly`, `session`, `conversation`, `model`, `agent`, `project`, `blocks`."""
    timezone: str
    since: date | None
    until: date | None
    """The last day included."""
    rows: tuple[ReportRow, ...]
    totals: UsageTotals
    """Of the rows shown and those left out by a limit."""
    rows_found: int
    """How many rows there are; more than `rows` when a limit left some out."""
    breakdown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """One bucket of a chart."""

    label: str
    start_ms: int
    parts: tuple[UsageTotals, ...]
    """In the order of the series' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Usage over time, stacked by one dimension; empty buckets are there too, so that a chart has no gaps."""

    bucket: Bucket
    names: tuple[str | None, ...]
    """Dearest first; None: the calls do not say; `…` (`REST`) at the end gathers what is left."""
    points: tuple[SeriesPoint, ...]
    totals: UsageTotals


Heatmap = tuple[tuple[UsageTotals, ...], ...]
"""Usage by weekday (Monday first) and hour of the day."""

REST = "…"
"""Name of what a series puts together behind its largest parts."""


class SessionSort(StrEnum):
    """What a list of sessions can be ordered by."""

    STARTED = "started"
    COST = "cost"
    TOKENS = "tokens"
    CALLS = "calls"
    DURATION = "duration"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuery:
    """Which sessions, in which order, which page of them."""

    search: str | None = None
    """Part of the name, the directory or the branch; case does not matter."""
    status: str | None = None
    where: CallFilter = CallFilter()
    """Sessions with at least one such call."""
    min_cost_picousd: int | None = None
    max_cost_picousd: int | None = None
    since_ms: int | None = None
    """Started then or later."""
    until_ms: int | None = None
    """Started before."""
    conversations_only: bool = False
    """Only sessions that are an agent's own conversation."""
    sort: SessionSort = SessionSort.STARTED
    descending: bool = True
    limit: int | None = 50
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """One page of sessions, and what all that match come to."""

    sessions: tuple[Session, ...]
    found: int
    totals: UsageTotals


@fact(frozen=True, slots=True, kw_only=True)
class SessionUse:
    """What a session used of one model, in one conversation of an agent, itself or in a sub-agent."""

    session_id: int | None
    """None: calls that belong to no session."""
    provider: str
    model: str
    agent: str
    subagent: bool
    conversation_id: str | None = None
    totals: UsageTotals


_SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "CNY": "CN¥"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """The user's own currency at a fixed rate. Dollars stay the truth; this is for reading."""

    code: str
    rate: Decimal
    """Units of the currency for one US dollar."""

    def convert(self, picousd: int) -> Decimal:
        """An amount in this currency, to 1e-12."""
        return from_picousd(to_picousd(self.rate * picousd / PICO))

    def format(self, picousd: int | None) -> str:
        """`€12.35`, `CHF 0.0542`, `unpriced`"""
        if picousd is None:
            return format_usd(None)
        symbol = _SYMBOLS.get(self.code, f"{self.code} ")
        return format_usd(to_picousd(self.convert(picousd))).replace("$", symbol, 1)
