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

    def completed(self, seen: Observation, *, fetched: bool = False) -> Observation:
        """
        The sighting with what is known of the call's beginning; one that shows no usage yet is such a beginning.

        A stored answer that is `fetched` of a call that was not seen may cost less than its list price.
        """
        response, context = seen.response, seen.context
        if response.response_id is None:
            return seen
        key = response.provider_name, response.response_id
        if not response.parts:
            self._known.setdefault(key, (context.started_at_ms, response.facts.completion_window))
            if len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
            return seen
        if key not in self._known:
            doubted = replace(response, warnings=(*response.warnings, _NOT_SEEN))
            return replace(seen, response=doubted) if fetched else seen
        started_at_ms, window = self._known[key]
        facts = replace(response.facts, completion_window=window)
        return replace(
            seen, response=replace(response, facts=facts), context=replace(context, started_at_ms=started_at_ms)
        )
