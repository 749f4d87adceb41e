"""
Price tables as they are written in `data/`, read into typed facts.

A model has a list of dated periods for the standard tier and one such list per service tier. A period holds
the rates, the size bands above which the whole request costs more, and the hours of the day that differ. All
rates are US dollars per million tokens. Times are UTC, `from` inclusive, `until` exclusive; a period without
`until` holds until further notice, one with it ends without a known successor unless the next one follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from codesession.domain.facts import NamedTuple, fact, field
from codesession.errors import PriceFileError
from codesession.prices.daytime import DayWindows, minute_of_day, moment_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

OF_ANOTHER_SHAPE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading data raises that is not as it should be: damaged, or written by another version."""

RATE_NAMES = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "cache_write_12h",
    "audio_input",
    "audio_cache_read",
    "audio_output",
)
"""Every rate a period may hold; `input` and `output` always, the rest where published."""


class Rates(NamedTuple):
    """US dollars per million tokens; None where nothing is published."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    """The shortest time-to-live offered: 5 minutes (Anthropic, Moonshot) or 30 minutes (OpenAI)."""
    cache_write_1h: Decimal | None = None
    cache_write_12h: Decimal | None = None
    audio_input: Decimal | None = None
    audio_cache_read: Decimal | None = None
    audio_output: Decimal | None = None


class Band(NamedTuple):
    """Rates for the whole request once the prompt, cache included, is larger than `above` tokens."""

    above: int
    rates: Rates


class RateCard(NamedTuple):
    """Rates of one tier at one time, by prompt size."""

    rates: Rates
    bands: tuple[Band, ...] = ()
    """Largest threshold first."""

    def for_prompt(self, tokens: int) -> tuple[Rates, int | None]:
        """The rates for a prompt of that size, and the threshold it exceeded, if any."""
        for band in self.bands:
            if tokens > band.above:
                return band.rates, band.above
        return self.rates, None


@fact(frozen=True, slots=True, kw_only=True)
class Hours:
    """A card that replaces the period's own during some hours."""

    windows: DayWindows
    card: RateCard


@fact(frozen=True, slots=True, kw_only=True)
class Period:
    """What holds between two moments."""

    from_ms: int | None
    until_ms: int | None
    card: RateCard
    source: str
    hours: Hours | None = None
    start: str | None = None
    """`from` as written, for people."""
    end: str | None = None

    def covers(self, at_ms: int) -> bool:
        """Whether the moment lies in this period."""
        return (self.from_ms is None or at_ms >= self.from_ms) and (self.until_ms is None or at_ms < self.until_ms)


@fact(frozen=True, slots=True, kw_only=True)
class Uplift:
    """A surcharge on token lines that a fact about the place of processing brings."""

    fact: str
    """`inference_geo`, `endpoint_region` (the maker's own host) or `cloud_region` (Bedrock, Vertex)."""
    values: frozenset[str] | None
    """None: any place but the global one."""
    factor: Decimal
    models: frozenset[str] | None
    """None: every model of the provider."""


@fact(frozen=True, slots=True, kw_only=True)
class Fee:
    """A charge per request, never multiplied."""

    item: str
    counter: str
    """The field of `BillingFacts` that counts it."""
    price: Decimal
    per: int
    from_ms: int | None


@fact(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one provider bills beside the rates."""

    tier_names: Mapping[str, str] = field(default_factory=dict)
    """Served tiers as reported -> table name; `standard` for the plain rates, `list` where no price is public."""
    tier_factors: Mapping[str, Decimal] = field(default_factory=dict)
    """Documented factors for tiers without a table of their own."""
    uncertain_factors: frozenset[str] = frozenset()
    """Factors that are usual but not documented for every model: the result is a list price."""
    window_factors: Mapping[str, Decimal] = field(default_factory=dict)
    uplifts: tuple[Uplift, ...] = ()
    fees: tuple[Fee, ...] = ()
    audio_is_text: bool = False
    """Audio without a rate of its own is billed at the text rate, as the provider says."""
    doubt: str | None = None
    """Why every price of this provider is only a list price (a marketplace whose sellers differ)."""


class ModelTable:
    """One model's prices; periods are read from JSON when first asked for."""

    def __init__(
        self, provider: str, model: str, data: Mapping[str, Any], policy: Policy, path: Path | None = None
    ) -> None:
        self.provider = provider
        self.model = model
        self.policy = policy
        self._data = data
        self._path = path
        """The file it is from, where it may be damaged."""
        self.popular = bool(data.get("popular"))
        self.uplifts = tuple(u for u in policy.uplifts if u.models is None or model in u.models)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Periods of the standard tier."""
        return self._read(self._data.get("prices"))

    @cached_property
    def tiers(self) -> dict[str, tuple[Period, ...]]:
        """Periods of the other tiers by name."""
        return {name: self._read(rows) for name, rows in self._data.get("tiers", {}).items()}

    def _read(self, rows: Any) -> tuple[Period, ...]:
        try:
            found = tuple(_period(each, self.source) for each in rows)
            if not found:
                raise ValueError("no prices")
        except OF_ANOTHER_SHAPE as error:
            if self._path is None:
                raise
            raise unreadable(self._path, f"{self.model}: {error!r}") from error
        return found

    @property
    def source(self) -> str:
        """Where the prices were published."""
        return str(self._data["source"])


def unreadable(path: Path, why: str) -> PriceFileError:
    """A price file (of the user's folder) that says nothing."""
    return PriceFileError(
        f"cannot read the price data in {path}: {why}",
        hint=f"remove {path.parent} to use the prices that came with this version",
        path=str(path),
    )


def at(periods: tuple[Period, ...], at_ms: int) -> Period | None:
    """The period that holds at a moment; the last one where several do."""
    for period in reversed(periods):
        if period.covers(at_ms):
            return period
    return None


def read_policy(data: Mapping[str, Any]) -> Policy:
    """A provider's policy from JSON."""
    return Policy(
        tier_names=data.get("tier_names", {}),
        tier_factors={name: Decimal(factor) for name, factor in data.get("tier_factors", {}).items()},
        uncertain_factors=frozenset(data.get("uncertain_factors", ())),
        window_factors={name: Decimal(factor) for name, factor in data.get("window_factors", {}).items()},
        uplifts=tuple(
            Uplift(
                fact=each["fact"],
                values=_set(each.get("values")),
                factor=Decimal(each["factor"]),
                models=_set(each.get("models")),
            )
            for each in data.get("uplifts", ())
        ),
        fees=tuple(
            Fee(
                item=each["item"],
                counter=each["counter"],
                price=Decimal(each["price"]),
                per=each["per"],
                from_ms=_moment(each.get("from")),
            )
            for each in data.get("fees", ())
        ),
        audio_is_text=bool(data.get("audio_is_text")),
        doubt=data.get("doubt"),
    )


def read_rates(data: Mapping[str, Any]) -> Rates:
    """Rates from JSON strings."""
    return Rates(**{name: Decimal(data[name]) for name in RATE_NAMES if name in data})


def _card(data: Mapping[str, Any]) -> RateCard:
    bands = sorted(data.get("bands", ()), key=lambda band: int(band["above"]), reverse=True)
    return RateCard(read_rates(data), tuple(Band(band["above"], read_rates(band)) for band in bands))


def _period(data: Mapping[str, Any], source: str) -> Period:
    hours = data.get("hours")
    return Period(
        from_ms=_moment(data.get("from")),
        until_ms=_moment(data.get("until")),
        card=_card(data),
        hours=None if hours is None else Hours(windows=_windows(hours), card=_card(hours)),
        source=data.get("source", source),
        start=data.get("from"),
        end=data.get("until"),
    )


def _windows(data: Mapping[str, Any]) -> DayWindows:
    minutes = tuple((minute_of_day(start), minute_of_day(end)) for start, end in data["windows"])
    return DayWindows(minutes, bool(data.get("working_days_only")))


def _moment(text: str | None) -> int | None:
    return None if text is None else moment_ms(text)


def _set(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)
