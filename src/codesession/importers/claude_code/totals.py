"""
What Claude Code itself says a conversation cost: its `cost-state` lines.

They count calls that have no line in any transcript (titles, classifiers), go on over resumes, and are carried
into forks: a check of what was imported, never calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from codesession.domain.imports import AgentTotal
from codesession.domain.money import to_picousd
from codesession.importers.documents import child, decode_object
from codesession.importers.times import epoch_ms
from codesession.providers.counting import exact_usd, text, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.importers.base import LogFile

_PROMPT = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")


def note_total(log: LogFile, raw: bytes, *, agent_name: str, at_ms: int | None, origins: Iterable[str]) -> None:
    """Keep the total of a `cost-state` line, the last one of each conversation; a line that says none is left."""
    line = decode_object(raw)
    if line is None or line.get("type") != "cost-state":
        return
    conversation = text(line, "sessionId") or log.path.stem
    usage: Mapping[str, Any] = child(line, "modelUsage")
    models = [child(usage, model) for model in usage]
    since_ms = epoch_ms(line.get("startTime"))
    cost = exact_usd(line.get("totalCostUSD"))
    if not models or cost is None or (at_ms is None and since_ms is None):
        return
    log.agent_totals[conversation] = AgentTotal(
        agent_name=agent_name,
        conversation_id=conversation,
        since_ms=since_ms or 0,
        at_ms=at_ms or since_ms or 0,
        input_tokens=sum(whole_number(model.get(name)) or 0 for model in models for name in _PROMPT),
        output_tokens=sum(whole_number(model.get("outputTokens")) or 0 for model in models),
        cost_picousd=to_picousd(max(Decimal(0), cost)),
        carried_from=tuple(origins),
    )
