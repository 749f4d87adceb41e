"""`cs pricing set` and `cs pricing reset`"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import click

from codesession.app import App, now_ms
from codesession.cli.options import AmountCommand, json_option
from codesession.cli.output import plain, show, warn, writing
from codesession.contract import enveloped


@click.command("set", cls=AmountCommand)
@click.argument("model")
@click.argument("input_price", metavar="IN")
@click.argument("output_price", metavar="OUT")
@click.option("--provider", help="Only where this provider bills the model.")
@click.option("--cache-read", metavar="USD", help="Price of a million tokens read from a cache.")
@click.option("--cache-write", metavar="USD", help="Price of a million tokens written to a cache.")
@click.option("--cache-write-1h", metavar="USD", help="The same, kept for one hour.")
@json_option
@click.pass_obj
def set_price(
    app: App,
    model: str,
    input_price: str,
    output_price: str,
    provider: str | None,
    cache_read: str | None,
    cache_write: str | None,
    cache_write_1h: str | None,
    as_json: bool,
) -> None:
    """
    Set your own price of a model.

    IN and OUT are US dollars per million tokens. It wins over the built-in price as a whole: without --cache-read and
    --cache-write, tokens read from a cache or written to it cost what IN says.
    """
    from codesession.prices.overrides import set_price as store_price

    given = {
        "input": input_price,
        "output": output_price,
        "cacheRead": cache_read,
        "cacheWrite": cache_write,
        "cacheWrite1h": cache_write_1h,
    }
    rates = {name: value for name, value in given.items() if value is not None}
    path = app.settings.price_overrides
    with writing(path):
        key = store_price(path, model, rates, provider=provider)
    warnings = list(_unsaid(app, provider, model, rates))
    body = {"set": {"key": key, **{name: float(value) for name, value in rates.items()}}}
    show(
        as_json,
        lambda: enveloped({**body, "warnings": warnings} if warnings else body),
        lambda console: console.print(f"{plain(key)}: {input_price} in, {output_price} out per million tokens."),
    )
    for warning in warnings:
        warn(warning)


def _unsaid(app: App, provider: str | None, model: str, rates: Mapping[str, str]) -> Iterator[str]:
    """What a cache will cost where the built-in price has its own rates for it and the new one has none."""
    from codesession.cli.render import rate
    from codesession.prices import PriceBook

    known = PriceBook.load(app.settings.price_data, None, app.settings.aliases).rates(provider, model, now_ms())
    if known is None:
        return
    plainly, short = Decimal(rates["input"]), Decimal(rates.get("cacheWrite", rates["input"]))
    for name, what, option, cost, built_in in (
        ("cacheRead", "cache reads", "--cache-read", plainly, known.cache_read),
        ("cacheWrite", "cache writes", "--cache-write", plainly, known.cache_write),
        ("cacheWrite1h", "cache writes for one hour", "--cache-write-1h", short, known.cache_write_1h),
    ):
        if name not in rates and built_in is not None and built_in != cost:
            yield f"{what} will cost {rate(cost)}, where the built-in price says {rate(built_in)}; give {option}"


@click.command("reset")
@click.argument("model", required=False)
@click.option("--provider", help="The provider the price was set for.")
@json_option
@click.pass_obj
def reset(app: App, model: str | None, provider: str | None, as_json: bool) -> None:
    """
    Drop your own price of MODEL, or all of them.

    The built-in ones hold again.
    """
    from codesession.prices.overrides import reset_prices

    path = app.settings.price_overrides
    with writing(path):
        gone = reset_prices(path, model, provider=provider)
    words = f"Dropped your prices of {plain(', '.join(gone))}." if gone else "There was no price of your own."
    show(as_json, lambda: enveloped({"reset": gone}), lambda console: console.print(words))
