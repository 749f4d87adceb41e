"""How this server is set up, the currency, and beginning anew."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from codesession import __version__
from codesession.domain.pricing import decimal_string
from codesession.domain.report import Currency
from codesession.domain.spelling import spelled
from codesession.errors import InvalidInputError
from codesession.services.preferences import write_currency
from codesession.services.zones import zone_of
from codesession.web.access import API_VERSION
from codesession.web.schemas.system import OwnCurrency, Reset, ResetDone, SetCurrency, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from codesession.app import App

RESET_PHRASE = "start fresh"
_LEAST_RATE = Decimal("1e-9")


def settings(app: App) -> Settings:
    """Zone, currency, files. The configuration is read anew: it may have been edited since the start."""
    found = app.for_thread().settings
    currency = found.report_currency
    return Settings(
        version=__version__,
        api_version=API_VERSION,
        timezone=zone_of(None, app.environment)[1],
        currency=None if currency is None else _shown(currency),
        ledger=spelled(found.ledger_name),
        ledger_bytes=_size(found.ledger_place),
        home=spelled(str(found.home)),
        config_path=spelled(str(found.home / "config.toml")),
        price_overrides=spelled(str(found.price_overrides)),
        price_version=app.prices.version,
        reset_phrase=RESET_PHRASE,
    )


def _shown(currency: Currency) -> OwnCurrency:
    """As the configuration has it, which may be more digits than the page takes."""
    return OwnCurrency.model_construct(code=currency.code, rate=decimal_string(currency.rate))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None  # not there yet, or not a file of ours: the page shows no size


def set_currency(app: App, wanted: SetCurrency) -> Settings:
    """Write the currency into the configuration."""
    write_currency(app.settings.home / "config.toml", _currency(wanted))
    return settings(app)


def _currency(wanted: SetCurrency) -> Currency | None:
    if wanted.currency is None:
        return None
    try:
        rate = Decimal(wanted.currency.rate)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not _LEAST_RATE <= rate < 10**9:
        raise InvalidInputError(f"{wanted.currency.rate!r} is no rate: how much is one US dollar?")
    return Currency(code=wanted.currency.code.upper(), rate=rate)


def reset(app: App, confirmed: Reset) -> ResetDone:
    """Begin anew, if the words are the right ones."""
    if confirmed.confirm.strip().lower() != RESET_PHRASE:
        raise InvalidInputError(f'type "{RESET_PHRASE}" to confirm; nothing was changed')
    done = app.start_over()
    return ResetDone(backup=spelled(str(done.backup)), sessions=done.sessions, calls=done.calls)
