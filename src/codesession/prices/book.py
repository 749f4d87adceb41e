"""
The price book: everything the rest of the program asks about prices.

    book = PriceBook.load(overrides_path=home / "pricing.json")
    book.price(response, at_ms)                  -> Cost
    book.rates("anthropic", "claude-sonnet-4", at_ms)  -> ModelRates | None
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import attrgetter
from pathlib import Path

from codesession.domain.money import EXACT
from codesession.domain.pricing import Cost, CostStatus, ModelRates, PriceLine
from codesession.domain.provider_names import canonical_provider
from codesession.domain.usage import ModelResponse, UsagePart
from codesession.prices.catalog import PACKAGED, Catalog, Match
from codesession.prices.engine import Bill, bill_fees, bill_part, describe, has_fees
from codesession.prices.keys import canonical
from codesession.prices.overrides import Overrides
from codesession.prices.sheet import Offer
from codesession.prices.tables import Fee, ModelTable, Period, at
from codesession.prices.tariff import Tariff, Terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.prices.history import PastPrice

_GUESTS = frozenset({"advisor_message", "fallback_message"})
"""Parts that another model wrote: the speed of the response is not theirs."""
_KEPT_TARIFFS = 1024
_moving = attrgetter("batch", "speed", "service_tier", "inference_geo", "endpoint_region", "completion_window")
"""The facts that a tariff depends on."""


class PriceBook:
    """Prices of one data folder with the user's own on top."""

    def __init__(self, catalog: Catalog, overrides: Overrides) -> None:
        self._catalog = catalog
        self._overrides = overrides
        self._tariffs: dict[tuple[object, ...], tuple[Tariff | None, str | None]] = {}
        """By all that finds them, with the doubt that finding them left; of one edition of the user's prices."""
        self._edition = 0

    @classmethod
    def load(
        cls,
        data_dir: Path | None = None,
        overrides_path: Path | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> PriceBook:
        """
        A book that reads its files when it first needs them.

        `data_dir` is the user's own folder of price files; it is used when it is newer than the packaged one
        and was made with corrections at least as new. `aliases` maps names of the user's (Azure deployments)
        to model ids.
        """
        catalog = Catalog(PACKAGED, aliases)
        if data_dir is not None and (data_dir / "index.json").exists():
            own = Catalog(data_dir, aliases)
            if own.newer_than(catalog):
                catalog = own
        return cls(catalog, Overrides(overrides_path))

    def for_many(self) -> PriceBook:
        """The prices as they are now, for many calls in a row: the user's file is not looked at for each of them."""
        return PriceBook(self._catalog, self._overrides.as_read())

    @property
    def edition(self) -> tuple[object, ...]:
        """Another value whenever a price has changed: of the data, or of the user's own. Raises `PriceFileError`."""
        return self._catalog.version, self._overrides.edition()

    @property
    def version(self) -> str:
        """Version and date of the price data."""
        return self._catalog.version

    def price(self, response: ModelResponse, at_ms: int) -> Cost:
        """
        What a response cost at a moment (UTC epoch milliseconds).

        What the provider itself reports as billed comes first; the computed figure then stands beside it.
        """
        computed = self._compute(response, at_ms)
        facts = response.facts
        if facts.reported_cost_usd is None:
            return computed
        lines = [_reported_line("provider-reported cost", facts.reported_cost_usd)]
        if facts.reported_upstream_cost_usd:
            lines.append(_reported_line("upstream provider's cost", facts.reported_upstream_cost_usd))
        return Cost(
            usd=reduce(EXACT.add, (line.usd for line in lines)),
            status=CostStatus.REPORTED,
            lines=tuple(lines),
            model=computed.model,
            price_version=computed.price_version,
            source="reported",
            computed_usd=computed.usd,
            warnings=response.warnings,
        )

    def offer(self, response: ModelResponse) -> Offer | None:
        """What calls cost that differ from this one in their counts alone; None where it takes the engine to say."""
        if not _is_plain(response):
            return None
        found = Bill()
        tariff = self._tariff(found, response, response.parts[0])
        if tariff is None:
            return None

        def blank(terms: Terms) -> Cost:
            bill = Bill()
            bill.doubts.extend(found.doubts)
            bill.take(terms)
            return self._cost(response, bill, tariff.table)

        return Offer(tariff, blank)

    def rates(self, provider: str | None, model: str, at_ms: int) -> ModelRates | None:
        """What a model charges per million tokens at a moment, or None when that is not known."""
        match = self._match(provider, model)
        period = at(match.table.periods, at_ms) if match is not None else None
        return None if match is None or period is None else self._rates(match.table, period, at_ms)

    def listing(
        self, *, all: bool = False, provider: str | None = None, search: str | None = None, at_ms: int
    ) -> dict[str, ModelRates]:
        """
        Rates by name, for people to read: the models in use now, every known one with `all`.

        Built-in prices go by the plain model name, or `provider/model` where another provider has the same;
        the user's own go by the key in their file. `search` is a part of a name, or any name that calls are priced by.
        """
        wanted = canonical_provider(provider)
        found: dict[str, ModelRates] = {}
        for name in [wanted] if wanted else self._catalog.providers():
            file = self._catalog.file(name)
            for model in file.models() if file else ():
                table = file.table(model) if file else None
                period = at(table.periods, at_ms) if table and (all or table.popular or search) else None
                if table and period:
                    key = model if model not in found else f"{name}/{model}"
                    found[key] = self._rates(table, period, at_ms, key=key)
        for key, table in self._overrides.entries().items():
            biller, slash, _ = key.partition("/")
            if wanted is None or (slash and canonical_provider(biller) == wanted):
                found[key] = self._rates(table, table.periods[0], at_ms, key=key)
        if search:
            word, meant = canonical(search), _billed_as(self.rates(wanted, search, at_ms))
            found = {
                key: rates
                for key, rates in found.items()
                if word in canonical(f"{rates.provider}/{key}") or _billed_as(rates) == meant
            }
        return found

    def history(self, provider: str | None, model: str) -> list[PastPrice]:
        """Every dated price of a model, tier by tier; empty when the model is not known."""
        from codesession.prices.history import past_prices

        match = self._match(provider, model)
        return [] if match is None else past_prices(match.table)

    def _match(self, provider: str | None, model: str) -> Match | None:
        """The user's price, else the built-in one."""
        custom = self._custom(provider, model) if self._overrides.exist() else None
        return Match(table=custom) if custom is not None else self._catalog.find(provider, model)

    def _custom(self, provider: str | None, model: str) -> ModelTable | None:
        """The user's price for a name, else for what the name stands for."""
        fees, named = self._fees(provider), self._catalog.alias(model)
        custom = self._overrides.find(provider, model, fees)
        return self._overrides.find(provider, named, fees) if custom is None and named != model else custom

    def _fees(self, provider: str | None) -> tuple[Fee, ...]:
        """A provider's fees, which the user's token prices do not replace."""
        name = canonical_provider(provider)
        file = self._catalog.file(name) if name else None
        return file.policy.fees if file is not None else ()

    def _compute(self, response: ModelResponse, at_ms: int) -> Cost:
        bill = Bill()
        main: ModelTable | None = None
        for part in response.parts:
            tariff = self._tariff(bill, response, part)
            if tariff is None:
                return self._unknown(response, f"no price is known for {part.model or response.model}")
            if not bill_part(bill, part, tariff, at_ms):
                return self._unknown(response, _no_longer(tariff.table))
            if main is None or part.kind == "message":
                main = tariff.table
        if main is None:
            return self._unknown(response, "the provider reported no usage")
        bill_fees(bill, response.facts, main, at_ms)
        if response.mismatch:
            bill.doubt("the parts do not add up to the provider's total")
        return self._cost(response, bill, main)

    def _tariff(self, bill: Bill, response: ModelResponse, part: UsagePart) -> Tariff | None:
        """The tariff of a part, found once for all calls that are alike."""
        edition = self._overrides.edition()
        if edition != self._edition:
            self._tariffs.clear()
            self._edition = edition
        own = part.kind not in _GUESTS
        names = (response.provider_name, part.model, response.response_model, response.request_model)
        key = (names, own, _moving(response.facts))
        found = self._tariffs.get(key)
        if found is None:
            if len(self._tariffs) >= _KEPT_TARIFFS:
                self._tariffs.clear()
            match, doubt = self._part_match(response, part)
            tariff = None if match is None else Tariff(match, response.facts, own=own)
            found = self._tariffs[key] = (tariff, doubt)
        if found[1] is not None:
            bill.doubt(found[1])
        return found[0]

    def _part_match(self, response: ModelResponse, part: UsagePart) -> tuple[Match | None, str | None]:
        """The model that is billed; the requested one, with a doubt, where the answering one is not known."""
        provider, answering = response.provider_name, part.model or response.response_model
        found = self._match(provider, answering) if answering else None
        if found is not None or part.model or not response.request_model:
            return found, None
        found = self._match(provider, response.request_model)
        if found is None or not answering:
            return found, None
        return found, f"no price is known for {answering}; priced as the requested {response.request_model}"

    def _cost(self, response: ModelResponse, bill: Bill, table: ModelTable) -> Cost:
        status = CostStatus.EXACT
        if not response.complete:
            status = CostStatus.LOWER_BOUND
        elif bill.doubts or response.warnings:  # a parser that had to assume something is no exact source
            status = CostStatus.LIST_PRICE
        custom = table.provider == "custom"
        return Cost(
            usd=bill.total,
            status=status,
            lines=tuple(bill.lines),
            model=table.model if custom else f"{table.provider}/{table.model}",
            price_version=self.version,
            source="custom" if custom else "built-in",
            warnings=(*response.warnings, *bill.doubts),
            rules=tuple(bill.rules),
        )

    def _unknown(self, response: ModelResponse, why: str) -> Cost:
        return Cost(usd=None, status=CostStatus.UNKNOWN, price_version=self.version, warnings=(*response.warnings, why))

    def _rates(self, table: ModelTable, period: Period, at_ms: int, key: str | None = None) -> ModelRates:
        hours = period.hours
        card = hours.card if hours is not None and hours.windows.contain(at_ms) else period.card
        rates = card.rates
        custom = table.provider == "custom"
        biller, slash, _ = table.model.partition("/")
        return ModelRates(
            provider=(canonical_provider(biller) or "custom" if slash else "custom") if custom else table.provider,
            model=table.model,
            input=rates.input,
            output=rates.output,
            cache_read=rates.cache_read,
            cache_write=rates.cache_write,
            cache_write_1h=rates.cache_write_1h,
            source="custom" if custom else "built-in",
            key=key,
            price_version=self.version,
        )


def _is_plain(response: ModelResponse) -> bool:
    """Whether nothing but its tokens is billed, all of them as one message of the answering model."""
    facts = response.facts
    said = facts.reported_cost_usd is not None or facts.agent_cost_usd is not None or has_fees(facts)
    parts = response.parts
    whole = len(parts) == 1 and parts[0].kind == "message" and parts[0].model is None
    return whole and not (said or response.mismatch)


def _billed_as(rates: ModelRates | None) -> tuple[str, str] | None:
    return None if rates is None else (rates.provider, rates.model)


def _reported_line(item: str, usd: Decimal) -> PriceLine:
    return PriceLine(item=item, quantity=1, price_usd=usd, per=1, usd=usd)


def _no_longer(table: ModelTable) -> str:
    """Why a known model has no price at a moment."""
    last = table.periods[-1]
    name = f"{table.provider}/{table.model}"
    return f"no price of {name} is known for that day; the last one held until {last.end}: {describe(last.card.rates)}"
