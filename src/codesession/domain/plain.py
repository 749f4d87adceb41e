"""
Calls as nearly all calls of a log are: one part, plain counts, and alike but for these counts, their time and ids.

There are hundreds of thousands of them, so that they are kept as tuples beside one `Sighting` that says the rest.
"""

from __future__ import annotations

from operator import attrgetter

from codesession.domain.facts import NamedTuple, names, replace
from codesession.domain.request import Observation
from codesession.domain.sighting import Sighting
from codesession.domain.usage import TokenUsage, UsagePart


class PlainCounts(NamedTuple):
    """The counts of a `TokenUsage` whose others are 0, by the same names."""

    input_tokens: int
    cache_read_input_tokens: int
    cache_write_input_tokens: int
    cache_write_1h_input_tokens: int
    output_tokens: int
    reasoning_output_tokens: int

    @property
    def usage(self) -> TokenUsage:
        """The same as a usage."""
        return TokenUsage(**self._asdict())


class PlainCall(NamedTuple):
    """A call that differs from `like` in these alone."""

    like: Sighting
    """A call of the same file, with an id of the API's and one plain part."""
    response_id: str
    started_at_ms: int
    counts: PlainCounts
    prompt_id: str | None
    request_id: str | None
    lines: int
    said_after_ms: int = 0

    @property
    def sighting(self) -> Sighting:
        """The call with all that is known of it."""
        response, context = self.like.observation.response, self.like.observation.context
        observation = Observation(
            response=replace(response, response_id=self.response_id, parts=(UsagePart(usage=self.counts.usage),)),
            context=replace(context, started_at_ms=self.started_at_ms, prompt_id=self.prompt_id),
        )
        return replace(
            self.like,
            observation=observation,
            request_id=self.request_id,
            lines=self.lines,
            said_after_ms=self.said_after_ms,
        )


Seen = Sighting | PlainCall
"""A call as a log shows it."""

_LABELS = tuple(f'"{name}":' for name in PlainCounts._fields)
_plain = attrgetter(*PlainCounts._fields)
_others = attrgetter(*(name for name in names(TokenUsage) if name not in PlainCounts._fields))


def whole(call: Seen) -> Sighting:
    """The call as a sighting."""
    return call.sighting if isinstance(call, PlainCall) else call


def plain_counts(usage: TokenUsage) -> PlainCounts | None:
    """The counts of a usage; None where it has others than plain ones."""
    return None if any(_others(usage)) else PlainCounts._make(_plain(usage))


def plain_part(counts: PlainCounts) -> str:
    """A part as evidence (`domain.billing`) that is the whole message of the answering model."""
    used = "".join([f"{label}{count}," for label, count in zip(_LABELS, counts, strict=True) if count])
    return f'{{"usage":{{{used[:-1]}}}}}'
