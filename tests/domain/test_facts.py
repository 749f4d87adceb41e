"""Facts are dataclasses in all but the cost of making them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from codesession.domain.usage import TokenUsage, UsagePart
from codesession.importers.base import BadLine


def test_equal_facts_are_one_key() -> None:
    """As those of a frozen dataclass, although a running program does not pay for freezing them."""
    usage = TokenUsage(input_tokens=1, output_tokens=2)
    assert is_dataclass(usage)
    assert {usage: "found"}[TokenUsage(input_tokens=1, output_tokens=2)] == "found"
    assert replace(usage, output_tokens=3) != usage
    assert not hasattr(usage, "__dict__")
    assert {f.name for f in fields(usage)} >= {"input_tokens", "output_tokens"}


def test_facts_are_told_and_compared_as_dataclasses_are() -> None:
    """By their fields, and never equal to facts of another class."""
    assert repr(UsagePart(usage=TokenUsage(input_tokens=1), model="m")).startswith("UsagePart(usage=TokenUsage(input_")
    assert BadLine(1, "cut") == BadLine(1, "cut")
    assert BadLine(1, "cut") != BadLine(2, "cut")
    assert BadLine(1, "cut") != (1, "cut")
    assert repr(BadLine(1, "cut")) == "BadLine(number=1, reason='cut')"
