"""`cs pricing set` and `cs pricing reset`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import plain, show, writing
from codesession.contract import enveloped


@click.command("set")
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

    IN and OUT are US dollars per million tokens. It wins over the built-in price.
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
    show(
        as_json,
        lambda: enveloped({"set": {"key": key, **{name: float(value) for name, value in rates.items()}}}),
        lambda console: console.print(f"{plain(key)}: {input_price} in, {output_price} out per million tokens."),
    )


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
