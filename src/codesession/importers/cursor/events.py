"""An export as calls: the events of the Admin API, or the rows of the dashboard's CSV in the same form."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from codesession.domain.digests import digest
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.counts import Layout, answer
from codesession.importers.documents import child, children, objects, read_document
from codesession.importers.jsonl import open_log
from codesession.importers.times import epoch_ms
from codesession.providers.counting import exact_usd, text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="inputTokens",
    output="outputTokens",
    cache_read="cacheReadTokens",
    cache_write="cacheWriteTokens",
    cache_inside=False,
    reasoning_inside=True,
)
_CENTS_EXPONENT = -2
_LISTS = ("usageEventsDisplay", "usageEvents")


def calls(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of an export, in any of its forms."""
    seen: Counter[str] = Counter()
    for number, event in enumerate(_events(log), 1):
        at_ms = epoch_ms(_number(event.get("timestamp")))
        if at_ms is None:
            log.bad_line("a call without a time", number)
            continue
        reading = LAYOUT.read(child(event, "tokenUsage"))
        if reading.usage is None:  # requests that were billed as such, and those that failed
            continue
        user, model = text(event, "userEmail", "userId") or "", text(event, "model")
        key = _digest(at_ms, user, model, child(event, "tokenUsage"))
        seen[key] += 1
        charged, listed = _usd(event.get("chargedCents")), _usd(child(event, "tokenUsage").get("totalCents"))
        response = answer(
            reading,
            provider_name=agent_name,
            api="cursor",
            key=f"~{agent_name}:{key}" + (f":{seen[key]}" if seen[key] > 1 else ""),
            model=model,
            agent_cost=listed,
            reported_cost_usd=charged if event.get("isChargeable") is True else None,
        )
        conversation = f"{user}{datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()}"
        log.first_ms = min(at_ms, log.first_ms or at_ms)
        log.conversation(conversation)
        context = CallContext(
            source=Source.LOG, started_at_ms=at_ms, conversation_id=conversation, agent_name=agent_name
        )
        yield Sighting(observation=Observation(response=response, context=context))


def _events(log: LogFile) -> Iterator[dict[str, Any]]:
    if log.path.suffix == ".csv":
        yield from _rows(log)
        return
    if log.path.suffix == ".jsonl":
        pages: Iterable[Any] = objects(log)
    else:
        document = read_document(log)
        pages = document if isinstance(document, list) else [document]
    for page in pages:
        if isinstance(page, dict):
            yield from _listed(page)


def _listed(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The events of a page; an event alone is one."""
    if "tokenUsage" in page:
        yield page
    for name in _LISTS:
        yield from children(page, name)


def _rows(log: LogFile) -> Iterator[dict[str, Any]]:
    """Rows as events: a cost in figures was charged, words (`Included`) were not."""
    with open_log(log.path) as file:
        lines = file.read().decode("utf-8-sig", "replace").replace("\x00", "").splitlines()
    for row in csv.DictReader(lines):
        both, plain = _count(row, "Input (w/ Cache Write)"), _count(row, "Input (w/o Cache Write)")
        read, output = _count(row, "Cache Read"), _count(row, "Output Tokens")
        total = _count(row, "Total Tokens")
        written = both if total == both + plain + read + output or both < plain else both - plain
        cost = exact_usd((row.get("Cost") or "").strip().lstrip("$"))
        yield {
            "timestamp": (row.get("Date") or "").strip(),
            "model": row.get("Model"),
            "userEmail": row.get("User"),
            "tokenUsage": {
                "inputTokens": plain,
                "cacheWriteTokens": written,
                "cacheReadTokens": read,
                "outputTokens": output,
            },
            "chargedCents": None if cost is None else cost.scaleb(2),
            "isChargeable": cost is not None and "included" not in (row.get("Kind") or "").lower(),
        }


def _count(row: dict[str, Any], name: str) -> int:
    value = str(row.get(name) or "").replace(",", "").strip()
    return int(value) if value.isdecimal() else 0


def _number(value: object) -> object:
    """Times in milliseconds are written as text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _usd(cents: object) -> Decimal | None:
    amount = exact_usd(cents)
    return None if amount is None else amount.scaleb(_CENTS_EXPONENT)


def _digest(*facts: object) -> str:
    said = repr([sorted(fact.items(), key=str) if isinstance(fact, dict) else fact for fact in facts])
    return digest(said.encode(), 12)
