"""
Calls begun in the background: what decides their price is said when they are made, what they used when fetched.

A response does not repeat its completion window, and its price is that of the moment it was asked for.
"""

from __future__ import annotations

from codesession.domain.facts import replace
from codesession.domain.request import Observation

_NOT_SEEN = "whether a completion window was asked for is not known: priced without one"
_KEPT = 1_000
"""Calls that wait to be fetched; with more, the oldest are forgotten."""


class BegunCalls:
    """Those of one proxy, by provider and response id."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, str | None]] = {}

    def made(self, seen: Observation) -> None:
        """A call's own answer; one that shows no usage yet is a beginning."""
        response = seen.response
        if response.parts or response.response_id is None:
            return
        key = response.provider_name, response.response_id
        self._known[key] = seen.context.started_at_ms, response.facts.completion_window
        if len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]

    def fetched(self, seen: Observation) -> Observation:
        """A stored answer, with what is known of the call's beginning; one that nobody saw may have had a discount."""
        response = seen.response
        known = self._known.get((response.provider_name, response.response_id or ""))
        if known is None and response.api != "openai.responses":
            return seen  # only OpenAI has such windows
        if known is None:
            return replace(seen, response=replace(response, warnings=(*response.warnings, _NOT_SEEN)))
        started_at_ms, window = known
        facts = replace(response.facts, completion_window=window)
        context = replace(seen.context, started_at_ms=started_at_ms)
        return replace(seen, response=replace(response, facts=facts), context=context)
