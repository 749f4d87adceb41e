"""What a model cost before."""

from __future__ import annotations

from codesession.prices.book import PriceBook


def test_history_tells_every_dated_price(book: PriceBook):
    """Oldest first, tiers after the standard one."""
    past = book.history("openai", "gpt-5.6-sol")
    standard = [(each.start, each.end, each.input) for each in past if each.tier == "standard"]
    assert standard == [(None, "2026-08-21", 5), ("2026-08-21", "2026-11-22", 4)]
    assert {"flex", "batch", "priority"} < {each.tier for each in past}
    assert book.history("openai", "nothing") == []
