"""Calls without a cost are told apart by what they lack."""

from __future__ import annotations

from codesession.services.exports.lacking import told_apart


def test_calls_without_usage_are_not_counted_as_without_a_price() -> None:
    """A model may lack both; what is left is sorted anew, most calls first."""
    uncosted = [("openai", "gpt-5.5", 5), ("x", "own", 4), ("y", "other", 1)]
    found = told_apart(uncosted, {("openai", "gpt-5.5"): 5, ("x", "own"): 3, ("z", "priced"): 9})
    assert found.price == [("x", "own", 1), ("y", "other", 1)]
    assert found.usage == [("openai", "gpt-5.5", 5), ("x", "own", 3)]


def test_never_more_than_there_are() -> None:
    """The two figures are read one after the other, while calls come in."""
    assert told_apart([("x", "own", 1)], {("x", "own"): 2}).usage == [("x", "own", 1)]
