"""Dated prices: find a model, pick the price of the day, compute what a response cost."""

from codesession.prices.book import PriceBook

__all__ = ["PriceBook"]
