"""Identity is not always what it seems: one call under two names, and two calls under one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.domain.facts import replace
from codesession.domain.request import Source
from codesession.store import call_rows
from codesession.store import import_queries as iq
from codesession.store import queries as q

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codesession.domain.request import ModelRequest
    from codesession.store.database import Database

_PROXY_ONLY = frozenset({Source.PROXY})
_WITNESSES = frozenset({Source.PROXY, Source.API})
_TOLD = "manual"
"""The format of calls that nobody saw: a person or a program reports them."""


def log_twin(database: Database, seen: ModelRequest) -> ModelRequest | None:
    """
    The row that a log made for the call the proxy saw; None when no log showed it yet.

    The log had no id for it, or guessed another biller than the host that answered. Only calls of the minutes of
    the call are looked at.
    """
    if seen.sources != _PROXY_ONLY or seen.usage is None:
        return None
    from codesession.domain.sameness import MATCH_SLACK_MS, is_match

    ended_at_ms = seen.started_at_ms + (seen.duration_ms or 0)
    window = {"since_ms": seen.started_at_ms - MATCH_SLACK_MS, "until_ms": ended_at_ms + MATCH_SLACK_MS}
    found = map(call_rows.request_of, database.query(iq.REQUESTS_ONLY_IN_LOGS, window))
    twins = [row for row in found if _same_name(row, seen) and is_match(seen, row)]
    return min(twins, key=lambda row: abs(ended_at_ms - row.started_at_ms), default=None)


def as_seen(merged: ModelRequest, twin: ModelRequest, seen: ModelRequest) -> ModelRequest:
    """The merged row under the proxy's identity; the log's name for it is kept, so that the log finds it again."""
    return replace(
        merged,
        provider_name=seen.provider_name,
        response_id=seen.response_id,
        log_key=twin.log_key or (twin.response_id if twin.response_id.startswith("~") else None),
    )


def _same_name(row: ModelRequest, seen: ModelRequest) -> bool:
    return row.response_id == seen.response_id or row.response_id.startswith("~")


def is_another(database: Database, known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether who saw the answers, proxy or program, saw two with one key. What is only told of one may change."""
    if _TOLD in (known.api, seen.api):
        return False
    from codesession.domain.sameness import are_two_answers

    if _WITNESSES & known.sources:
        return bool(_WITNESSES & known.sources & seen.sources) and are_two_answers(known, seen)
    return Source.LOG in known.sources and seen.sources == _PROXY_ONLY and _is_anothers(database, known, seen)


def _is_anothers(database: Database, known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether the call that a log showed under an id is not the one the proxy saw: another prompt at another time."""
    from codesession.domain.sameness import clash_key, is_in_time, same_prompt_size

    if known.usage is None or seen.usage is None or same_prompt_size(known, seen):
        return False
    told_apart = {"provider_name": seen.provider_name, "response_id": clash_key(seen)}
    return not is_in_time(seen, known) or bool(database.query(q.REQUEST_BY_KEY, told_apart))


def under_its_keys(seen: ModelRequest) -> Iterator[ModelRequest]:
    """A call under its own key, then under those it has where another call has that one."""
    yield seen
    from codesession.domain.sameness import answer_key, clash_key

    for key in (clash_key(seen), answer_key(seen)):
        yield replace(seen, response_id=key)
