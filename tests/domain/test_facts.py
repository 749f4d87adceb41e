"""Facts are dataclasses in all but the cost of making them."""

from __future__ import annotations

import copy
import pickle
import typing
from dataclasses import MISSING, asdict, fields, is_dataclass
from dataclasses import replace as standard_replace
from typing import Any

import pytest

from codesession.domain.facts import NamedTuple, names, replace
from codesession.domain.imports import ImportBatch, ImportCursor
from codesession.domain.usage import TokenUsage, UsagePart
from codesession.importers.base import BadLine


def test_equal_facts_are_one_key() -> None:
    """As those of a frozen dataclass, although a running program does not pay for freezing them."""
    usage = TokenUsage(input_tokens=1, output_tokens=2)
    assert is_dataclass(usage)
    assert {usage: "found"}[TokenUsage(input_tokens=1, output_tokens=2)] == "found"
    assert replace(usage, output_tokens=3) != usage
    assert standard_replace(usage, output_tokens=3) == replace(usage, output_tokens=3)
    assert not hasattr(usage, "__dict__")
    assert {f.name for f in fields(usage)} >= {"input_tokens", "output_tokens"}


def test_facts_are_told_and_compared_as_dataclasses_are() -> None:
    """By their fields, and never equal to facts of another class."""
    assert repr(UsagePart(usage=TokenUsage(input_tokens=1), model="m")).startswith("UsagePart(usage=TokenUsage(input_")
    assert BadLine(1, "cut") == BadLine(1, "cut")
    assert BadLine(1, "cut") != BadLine(2, "cut")
    assert BadLine(1, "cut") != (1, "cut")
    assert repr(BadLine(1, "cut")) == "BadLine(number=1, reason='cut')"


def test_facts_are_built_as_dataclasses_are() -> None:
    """A field without default is needed, one that is not there refused; a default that can change is made anew."""
    with pytest.raises(TypeError, match=r"UsagePart.__init__\(\) missing 1 required keyword-only argument: 'usage'"):
        UsagePart()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'tokens'"):
        TokenUsage(tokens=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        TokenUsage(1)  # type: ignore[misc]
    one, other = ImportBatch(), ImportBatch()
    one.calls.append(())
    assert other.calls == []


def test_the_standard_library_takes_facts_for_dataclasses() -> None:
    """Also before the first object of a class was built."""
    assert tuple(f.name for f in fields(ImportCursor)) == names(ImportCursor)
    assert [f.name for f in fields(ImportCursor) if f.default is MISSING] == ["agent_name", "path"]
    assert asdict(ImportCursor(agent_name="a", path="p"))["head_hash"] == ""
    part = UsagePart(usage=TokenUsage(input_tokens=1))
    assert pickle.loads(pickle.dumps(part)) == copy.deepcopy(part) == part


class Pair(NamedTuple):
    """Two things."""

    first: int
    second: str | None = None

    @property
    def both(self) -> tuple[int, str | None]:
        """Of one kind with a plain tuple."""
        return tuple(self)


class StandardPair(typing.NamedTuple):
    """Two things."""

    first: int
    second: str | None = None


def test_a_named_tuple_is_what_that_of_typing_is() -> None:
    """Fields, defaults, words, methods and hints; it can be copied between processes."""
    pair = Pair(1)
    assert pair == StandardPair(1) == (1, None)
    assert pair.both == (1, None)
    assert (pair._replace(second="x")._asdict(), repr(pair)) == (
        {"first": 1, "second": "x"},
        "Pair(first=1, second=None)",
    )
    assert (Pair._fields, Pair._field_defaults) == (("first", "second"), {"second": None})
    assert isinstance(pair, tuple) and not hasattr(pair, "__dict__")
    assert (Pair.__doc__, Pair.__module__, Pair.__qualname__) == ("Two things.", __name__, "Pair")
    assert typing.get_type_hints(Pair) == typing.get_type_hints(StandardPair)
    assert pickle.loads(pickle.dumps(pair)) == pair
    for made in (Pair, StandardPair):
        with pytest.raises((ValueError, TypeError), match="third"):  # that of typing: the second from Python 3.13 on
            made(1)._replace(third=1)
    with pytest.raises(TypeError):
        Pair._make((1, 2, 3))
    match pair:
        case Pair(first, second):
            assert (first, second) == (1, None)


class Triple(Pair):
    """A named tuple that another class inherits from."""


def test_a_named_tuple_is_built_as_that_of_typing_is() -> None:
    """The first ones and those that follow, which compiled code makes; also where a class inherits from it."""

    class Local(NamedTuple):
        first: int
        second: str | None = None

    for _ in range(50):
        assert Local(1) == Local(first=1) == Local(1, None) == Local(second=None, first=1) == (1, None)
        assert (Local(1, "x").second, Local(1, second="x").first) == ("x", 1)
        assert Triple(1) == (1, None)
        assert type(Triple(1)) is Triple
        assert type(Pair(1)) is Pair


@pytest.mark.parametrize("many", [0, 50])
@pytest.mark.parametrize("values", [(), (1, "x", 2)])
@pytest.mark.parametrize("given", [{}, {"third": 1}, {"first": 1}, {"second": "x"}])
def test_a_named_tuple_is_refused_as_that_of_typing_is(
    many: int, values: tuple[Any, ...], given: dict[str, Any]
) -> None:
    """Too few, too many, unknown and doubled ones, in the same words."""

    class Local(NamedTuple):
        first: int
        second: str | None = None

    assert [Local(1) for _ in range(many)] == [(1, None)] * many
    if (values, given) == ((), {"first": 1}):
        assert Local(**given) == (1, None)
        return
    with pytest.raises(TypeError) as theirs:
        StandardPair(*values, **given)
    with pytest.raises(TypeError) as ours:
        Local(*values, **given)
    assert str(ours.value) == str(theirs.value).replace("StandardPair", Local.__qualname__)
