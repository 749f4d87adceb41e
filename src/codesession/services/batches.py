"""
Requests of a batch belong to whoever made it, and are priced as of then.

Making a batch is a call of unknown cost, kept by the batch's id. Once its results have been read to their end
it costs nothing itself: what was set aside for it is free again, and the row says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from codesession.domain.facts import replace
from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Observation, UsageStatus
from codesession.domain.usage import TokenUsage

NOT_DATED = "when its batch was made is not known: priced as of when the results were fetched"
TOLD = "each request of the batch is a call of its own"


class Batches:
    """What the ledger knows of the batches that calls name, while some are recorded."""

    def __init__(self, find: Callable[[str, str], ModelRequest | None]) -> None:
        self._find = find
        self._known: dict[tuple[str, str], ModelRequest | None] = {}

    def rows(
        self, observations: Iterable[Observation], priced: Callable[[Observation], ModelRequest]
    ) -> list[ModelRequest]:
        """The rows of calls; those of a batch with its context, and for one that is told the row that says so."""
        found: list[ModelRequest] = []
        for seen in observations:
            made = self._made(seen)
            if seen.context.batch_id is None or seen.context.batch_id != seen.response.response_id:
                row = priced(seen if made is None else _of_batch(seen, made))
                found.append(row)
                if seen.response.api.endswith(".batches"):  # it may be recorded together with its results
                    self._known[row.provider_name, row.response_id] = row
            elif made is not None and made.usage is None:
                found.append(_told(made))
        return found

    def _made(self, seen: Observation) -> ModelRequest | None:
        if seen.context.batch_id is None:
            return None
        key = seen.response.provider_name, seen.context.batch_id
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]


def _of_batch(seen: Observation, made: ModelRequest) -> Observation:
    context, response = seen.context, seen.response
    whose = context if made.session_id is None else made
    return Observation(
        response=replace(response, warnings=tuple(each for each in response.warnings if each != NOT_DATED)),
        context=replace(
            context,
            started_at_ms=made.started_at_ms,
            session_id=whose.session_id,
            project=whose.project,
            conversation_id=made.conversation_id or context.conversation_id,
            agent_name=made.agent_name or context.agent_name,
            agent_version=made.agent_version or context.agent_version,
            subagent_id=made.subagent_id,
            parent_subagent_id=made.parent_subagent_id,
            prompt_id=made.prompt_id,
        ),
    )


def _told(made: ModelRequest) -> ModelRequest:
    """Evidence without parts: nobody prices the call again."""
    return replace(
        made,
        usage=TokenUsage(),
        usage_status=UsageStatus.COMPLETE,
        cost_picousd=0,
        cost_status=CostStatus.EXACT,
        billing=json.dumps({"api": made.api, "notes": [TOLD]}, separators=(",", ":")),
    )
