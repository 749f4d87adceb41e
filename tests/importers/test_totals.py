"""Running totals as what every snapshot added."""

from __future__ import annotations

import json
from typing import Any

from codesession.domain.usage import TokenUsage
from codesession.importers.totals import Added, Totals


class Files:
    """Files that show one total, and a ledger that keeps what is booked of it."""

    def __init__(self) -> None:
        self.ledger: dict[str, str] = {}
        self.booked = TokenUsage()
        self.steps: list[str] = []
        self._states: dict[str, dict[str, Any]] = {}

    def show(self, tokens: int, file: str = "a", *, skipped: bool = False, lost: bool = False) -> Added | None:
        """A file shows its total; `skipped`: what it added is left out; `lost`: its memory is gone."""
        state = {} if lost else json.loads(json.dumps(self._states.get(file, {})))
        added = Totals(state, self.ledger.get).added("s", _total(tokens))
        self._states[file] = state
        if added is not None and not skipped:
            name, what = added.books
            self.ledger[name] = what
            self.booked += added.usage
            self.steps.append(added.step)
        return added


def _total(tokens: int) -> TokenUsage:
    return TokenUsage(input_tokens=tokens, cache_read_input_tokens=tokens // 2, output_tokens=tokens // 10)


def test_every_snapshot_adds_what_it_has_more_than_the_last() -> None:
    """Together they add the total, each under a name of its own; the same total again adds nothing."""
    files = Files()
    for tokens in (1000, 3000, 3000):
        files.show(tokens)
    assert files.booked == _total(3000)
    assert len(set(files.steps)) == 2


def test_a_total_that_fell_began_anew() -> None:
    """A session whose counter was reset adds all that it shows, under a new name."""
    files = Files()
    for tokens in (1000, 200, 300):
        files.show(tokens)
    assert files.booked == _total(1000) + _total(300)
    assert len(set(files.steps)) == 3


def test_a_lost_memory_books_nothing_twice() -> None:
    """The ledger knows what it holds, at the same total and at a larger one."""
    files = Files()
    for tokens, lost in ((1000, False), (3000, False), (3000, True), (3500, True)):
        files.show(tokens, lost=lost)
    assert files.booked == _total(3500)


def test_a_copy_of_a_home_books_only_what_is_new() -> None:
    """Behind, level or ahead of its original; each may go on."""
    files = Files()
    for file, tokens in (("a", 1000), ("a", 2000), ("b", 1500), ("b", 2000), ("b", 2500), ("a", 3000), ("b", 2800)):
        files.show(tokens, file)
    assert files.booked == _total(3000)


def test_a_copy_that_follows_a_reset_books_it_once() -> None:
    """The copy sees the total fall later than its original did."""
    files = Files()
    for file, tokens in (("a", 1000), ("b", 1000), ("a", 200), ("b", 1000), ("b", 200), ("b", 250), ("a", 250)):
        files.show(tokens, file)
    assert files.booked == _total(1000) + _total(250)


def test_what_was_left_out_as_too_old_is_booked_when_it_is_wanted() -> None:
    """First only the newer part, then all of it, in either order of sizes."""
    files = Files()
    files.show(1000, skipped=True)
    files.show(1500)
    assert files.booked == _total(500)
    files.show(1500, lost=True)
    assert files.booked == _total(1500)


def test_parts_never_exceed_their_whole() -> None:
    """A cache that shrank while the prompt grew adds nothing."""
    totals = Totals({})
    totals.added("s", TokenUsage(input_tokens=1000, cache_read_input_tokens=900, output_tokens=10))
    found = totals.added("s", TokenUsage(input_tokens=1100, cache_read_input_tokens=100, output_tokens=20))
    assert found is not None
    assert found.usage == TokenUsage(input_tokens=100, output_tokens=10)
