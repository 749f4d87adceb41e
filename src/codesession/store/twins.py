"""Identity is not always what it seems: one call under two names, and two calls under one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.domain.facts import replace
from codesession.domain.request import Source
from codesession.store import call_rows
from codesession.store import import_queries as iq

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codesession.domain.request import ModelRequest
    from codesession.store.database import Database

_PROXY_ONLY = frozenset({Source.PROXY})


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


def is_another(known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether the proxy saw two calls with one key."""
    if Source.PROXY not in known.sources or Source.PROXY not in seen.sources:
        return False
    from codesession.domain.sameness import are_two_answers

    return are_two_answers(known, seen)


def under_its_keys(seen: ModelRequest) -> Iterator[ModelRequest]:
    """A call under its own key, then under those it has where another call has that one."""
    yield seen
    from codesession.domain.sameness import answer_key, clash_key

    for key in (clash_key(seen), answer_key(seen)):
        yield replace(seen, response_id=key)
