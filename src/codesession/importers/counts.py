"""
Token counts as agents log them, brought into one form.

Formats differ in names and in what a count includes: the cache inside or outside the prompt, reasoning inside or
outside the output. A `Layout` says so once per format; the agent's own total, where there is one, checks it and
decides where versions of a format disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.providers.counting import Findings, checked_usage, exact_usd

_BAND_TOKENS = 100_000
"""A prompt shorter than every vendor's long-context band."""
_MOST_PARTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a log says about one call's tokens; `usage` is None where it says nothing."""

    usage: TokenUsage | None
    complete: bool = True
    """False: a count was there and was none, so that the others are a lower bound."""
    mismatch: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Names of a format's counts and what they include. An empty name: the format has no such count."""

    input: str
    output: str
    cache_read: str = ""
    cache_write: str = ""
    cache_write_1h: str = ""
    reasoning: str = ""
    tool_input: str = ""
    """Prompt tokens of tool results, counted beside the prompt."""
    total: str = ""
    cache_inside: bool
    """The prompt's count holds cache reads and writes."""
    reasoning_inside: bool
    """The output's count holds reasoning; the total overrules it."""
    total_decides_cache: bool = False
    """Versions of the format disagree about `cache_inside` as well."""

    def read(self, counts: Mapping[str, Any]) -> Reading:
        """
        The counts of one call, totals inclusive.

        Nothing, or nothing but zeros, is unknown usage: no provider answers for zero tokens.
        """
        findings = Findings()
        inside = self._inside()
        found = {
            name: findings.detail(counts, key) if name in inside else findings.count(counts, key)
            for name, key in self._names()
            if key
        }
        known = any(value for name, value in found.items() if name != "total")
        usage = self._usage(findings, found) if known else None
        warnings = tuple(findings.warnings)
        return Reading(usage=usage, complete=not findings.missing, mismatch=findings.mismatch, warnings=warnings)

    def _inside(self) -> set[str]:
        """Counts whose tokens another count holds too, and which cost no more than its others."""
        inside = {"total": True, "cache_read": self.cache_inside, "reasoning": self.reasoning_inside}
        return {name for name, is_inside in inside.items() if is_inside}

    def _names(self) -> Iterable[tuple[str, str]]:
        names = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning", "tool_input", "total")
        return ((name, getattr(self, name)) for name in names)

    def _usage(self, findings: Findings, found: Mapping[str, int | None]) -> TokenUsage:
        def count(name: str) -> int:
            return found.get(name) or 0

        cached, reasoning, tool = count("cache_read") + count("cache_write"), count("reasoning"), count("tool_input")
        plain = count("input") + count("output") + tool
        cache_inside, reasoning_inside = self._included(found.get("total"), plain, cached, reasoning)
        prompt = count("input") + tool + (0 if cache_inside else cached)
        output = count("output") + (0 if reasoning_inside else reasoning)
        total = found.get("total")
        if total is not None and total != prompt + output:
            findings.doubt("the counts do not add up to the agent's own total")
        elif total is not None:
            reasoning = min(reasoning, output)  # agents estimate it where the provider does not count it
        return checked_usage(
            findings,
            input_tokens=prompt,
            output_tokens=output,
            cache_read=count("cache_read"),
            cache_write=count("cache_write"),
            write_1h=min(count("cache_write_1h"), count("cache_write")),
            tool_input=tool,
            reasoning=reasoning,
        )

    def _included(self, total: int | None, plain: int, cached: int, reasoning: int) -> tuple[bool, bool]:
        """What the counts include: the first reading that adds up to the total, else the format's usual one."""
        caches = (self.cache_inside, not self.cache_inside) if self.total_decides_cache else (self.cache_inside,)
        for cache_inside in caches:
            for reasoning_inside in (self.reasoning_inside, not self.reasoning_inside):
                both = plain + (0 if cache_inside else cached) + (0 if reasoning_inside else reasoning)
                if both == total:
                    return cache_inside, reasoning_inside
        return self.cache_inside, self.reasoning_inside


def answer(
    reading: Reading,
    *,
    provider_name: str,
    api: str,
    key: str,
    model: str | None,
    request_model: str | None = None,
    agent_cost: object = None,
    reported_cost_usd: Decimal | None = None,
    complete: bool = True,
    parts: tuple[UsagePart, ...] | None = None,
    warnings: tuple[str, ...] = (),
) -> ModelResponse:
    """
    One call as a response. `key` is its identity.

    `agent_cost` is what the agent computed in US dollars from a price table of its own: kept beside the price, never
    as the price; 0 means that its table did not know the model.
    """
    if parts is None:
        parts = (UsagePart(usage=reading.usage),) if reading.usage is not None else ()
    return ModelResponse(
        provider_name=provider_name,
        api=api,
        request_model=request_model,
        response_model=model,
        response_id=key,
        parts=parts,
        facts=BillingFacts(agent_cost_usd=exact_usd(agent_cost) or None, reported_cost_usd=reported_cost_usd),
        complete=complete and reading.complete,
        mismatch=reading.mismatch,
        warnings=(*reading.warnings, *warnings),
    )


def cut_into_calls(usage: TokenUsage, calls: int) -> tuple[UsagePart, ...]:
    """
    The total of many calls as so many parts of about the same size.

    Priced as one call, a long session would fall into a long-context price band that none of its calls reached.
    No more parts are made than it takes to stay below that band.
    """
    wanted = -(-usage.input_tokens // _BAND_TOKENS)
    number = max(1, min(calls, wanted, _MOST_PARTS))
    shares = {field.name: _shares(getattr(usage, field.name), number) for field in fields(usage)}
    return tuple(
        UsagePart(usage=TokenUsage(**{name: share[i] for name, share in shares.items()}), kind="session_total")
        for i in range(number)
    )


def _shares(total: int, number: int) -> list[int]:
    """Whole numbers that sum up to `total` and differ by at most one."""
    share, rest = divmod(total, number)
    return [share + (i < rest) for i in range(number)]
