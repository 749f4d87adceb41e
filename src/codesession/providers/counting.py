"""
Reading counts and money that others wrote: nothing crashes, nothing invalid is silently believed.

`Findings` collects what a parser noticed on the way; `checked_usage` makes sure that parts fit their totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from codesession.domain.usage import TokenUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_TOKENS = 10**12
"""No response consumes more; what is larger is noise."""

MAX_USD = Decimal(9_000_000)
"""What the ledger can hold for one call."""

NO_TTL = "cache writes are not split by time-to-live: counted as 5-minute writes"
"""Where one-hour writes cost more, the price is a guess then."""

_NOTHING: Mapping[str, Any] = {}


_OBJECTS = (dict, Mapping)
"""The first is what JSON decodes to and is tested at once; the second costs a look at a registry."""
_NUMBERS = (int, float, Decimal)


class Findings:
    """What is doubtful about one response, in words and as one flag."""

    __slots__ = ("mismatch", "missing", "unreadable", "warnings")

    def __init__(self) -> None:
        self.mismatch = False
        self.unreadable = False
        """A count was there and was none."""
        self.missing = False
        """A count that is no part of another one was that, or is not there: what is left is less than was consumed."""
        self.warnings: list[str] = []

    def note(self, text: str) -> None:
        """Something a reader of the price should know, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def doubt(self, text: str) -> None:
        """Something that contradicts itself: the figures cannot all be right."""
        self.mismatch = True
        self.note(text)

    def count(self, source: Mapping[str, Any], *names: str) -> int | None:
        """The first of these fields that is not null; None when all are missing or invalid."""
        number = self.detail(source, *names)
        if number is None and any(source.get(name) is not None for name in names):
            self.missing = True
        return number

    def expect(self, source: Mapping[str, Any], *names: str) -> None:
        """Counts that come with every usage: where one is absent or null, more was consumed than is told."""
        for name in names:
            if source.get(name) is None:
                self.missing = True
                self.note(f"{name} is not told")

    def detail(self, source: Mapping[str, Any], *names: str) -> int | None:
        """The same for a count whose tokens another count holds too: without it they are billed, only not as what."""
        for name in names:
            value = source.get(name)
            if type(value) is int and 0 <= value <= MAX_TOKENS:  # what nearly every count is
                return value
            if value is None:
                continue
            number = whole_number(value)
            if number is None:
                self.unreadable = True
                self.doubt(f"{name} is not a count")
            return number
        return None

    def child(self, source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """A nested object; empty when missing, null or something else."""
        value = source.get(name)
        if value is None:
            return _NOTHING
        if isinstance(value, _OBJECTS):
            return value
        self.doubt(f"{name} is not an object")
        return _NOTHING

    def objects(self, source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        """The objects of a nested list; empty when missing, null or something else."""
        value = source.get(name)
        if value is None:
            return []
        if isinstance(value, list | tuple):
            return [item for item in value if isinstance(item, _OBJECTS)]
        self.doubt(f"{name} is not a list")
        return []


def whole_number(value: object) -> int | None:
    """A count as JSON may spell it (`12`, `12.0`); None for everything that is no believable count."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    if not 0 <= value <= MAX_TOKENS or value != int(value):
        return None
    return int(value)


def exact_decimal(value: object) -> Decimal | None:
    """A decoded JSON number as the digits the provider sent; floats go through their shortest form."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(value) if isinstance(value, int) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= 10**24 else None


def exact_usd(value: object) -> Decimal | None:
    """An amount in dollars, or None for what cannot be one."""
    number = exact_decimal(value)
    return number if number is not None and number <= MAX_USD else None


def text(source: Mapping[str, Any], *names: str) -> str | None:
    """The first of these fields that is a non-empty string."""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def tier(value: object) -> str | None:
    """
    A served tier in lower case. `auto` and unspecified name none; Bedrock wraps the name in an object.

    >>> [tier(v) for v in ("FLEX", "SERVICE_TIER_PRIORITY", "auto", {"type": "flex"}, None)]
    ['flex', 'priority', None, 'flex', None]
    """
    if value is None:
        return None
    if not isinstance(value, str):
        value = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(value, str):
            return None
    name = value.strip().lower().removeprefix("service_tier_")
    return name if name not in ("", "auto", "unspecified", "traffic_type_unspecified") else None


def checked_usage(
    findings: Findings,
    *,
    input_tokens: int,
    output_tokens: int,
    cache_read: int = 0,
    cache_write: int = 0,
    write_1h: int = 0,
    write_12h: int = 0,
    audio_input: int = 0,
    cache_read_audio: int = 0,
    tool_input: int = 0,
    reasoning: int = 0,
    audio_output: int = 0,
) -> TokenUsage:
    """
    Inclusive totals with parts that fit into them; a part larger than its whole is doubted and the whole grows.

    `audio_input` may hold cached audio: what does not fit the uncached prompt is counted as read from the cache.
    """
    if write_1h + write_12h > cache_write:
        findings.doubt("cache writes by time-to-live exceed all cache writes")
        cache_write = write_1h + write_12h
    if cache_read + cache_write > input_tokens:
        findings.doubt("cached tokens exceed the prompt")
        input_tokens = cache_read + cache_write
    if reasoning > output_tokens:
        findings.doubt("reasoning tokens exceed the output")
        output_tokens = reasoning
    uncached = input_tokens - cache_read - cache_write
    if audio_input > uncached:
        cache_read_audio += audio_input - uncached
        audio_input = uncached
    return TokenUsage(
        input_tokens=input_tokens,
        cache_read_input_tokens=cache_read,
        cache_write_input_tokens=cache_write,
        cache_write_1h_input_tokens=write_1h,
        cache_write_12h_input_tokens=write_12h,
        audio_input_tokens=audio_input,
        cache_read_audio_input_tokens=min(cache_read_audio, cache_read),
        tool_input_tokens=min(tool_input, input_tokens),
        output_tokens=output_tokens,
        reasoning_output_tokens=reasoning,
        audio_output_tokens=min(audio_output, output_tokens),
    )
