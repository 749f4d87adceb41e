"""
A batch of imported calls in one transaction: found or new, merged, placed in a session, counted once.

Counters of sessions, rollups and cursors get the sums of the batch's changes, one statement per key, so that they
stay exact at the cost of a few statements per batch instead of several per call.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codesession.domain.facts import replace
from codesession.domain.imports import AgentTotal, ImportBatch
from codesession.domain.request import ModelRequest, Source, merge
from codesession.domain.sameness import (
    HOSTS,
    MATCH_SLACK_MS,
    are_two_originals,
    clash_key,
    copy_key,
    is_match,
    same_call,
    same_prompt,
)
from codesession.store import call_rows, rows
from codesession.store import import_queries as iq
from codesession.store import queries as q
from codesession.store.call_rows import ImportedCall, PreparedCall
from codesession.store.log_sessions import LogSessions
from codesession.store.queries import REQUEST_COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from codesession.store.database import Database, Row

Reprice = Callable[[ModelRequest], ModelRequest]
"""The same call at the price of its `started_at_ms`."""

_LONGEST_CALL_MS = 30 * 60 * 1000
_LOG_ONLY = frozenset({Source.LOG})


class _Entry:
    """A call of this transaction: as the ledger has it, and as it will be."""

    __slots__ = ("_prepared", "_row", "before")

    def __init__(self, prepared: PreparedCall | None, before: ModelRequest | None = None) -> None:
        self._prepared = prepared
        self._row = before
        self.before = before

    @property
    def row(self) -> ModelRequest:
        """The call; made from its columns only when somebody has to look at it."""
        if self._row is None:
            self._row = call_rows.request_of((None, *self.prepared[0]))
        return self._row

    @row.setter
    def row(self, row: ModelRequest) -> None:
        self._row, self._prepared = row, None

    @property
    def prepared(self) -> PreparedCall:
        """The call as it is to be written."""
        if self._prepared is None:
            self._prepared = call_rows.prepared(self.row)
        return self._prepared

    @property
    def changed(self) -> bool:
        return self.before is None or (self._row is not self.before and self._row != self.before)


class BulkImport:
    """Takes one batch. Made and run inside a transaction."""

    def __init__(self, database: Database, reprice: Reprice, proxied: Sequence[str], hosts: Iterable[str]) -> None:
        self._db = database
        self._reprice = reprice
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._by_log_key: dict[str, list[_Entry]] = defaultdict(list)
        self._unclaimed: list[_Entry] = []
        """Known calls that no log has shown yet."""
        self._unclaimed_buckets: frozenset[int] | None = None
        self._proxied = proxied
        """Providers whose calls the proxy saw: a log may name another for the same call."""
        self._hosts = set(hosts)
        """Those of `HOSTS` that billed anything: a copy may name another."""

    def run(self, batch: ImportBatch) -> int:
        """Keep everything; returns how many calls the ledger did not know."""
        calls = [ImportedCall(*call) for call in batch.calls]
        self._load(calls)
        if self._proxied:  # calls with ids first: what is theirs must not match one without
            calls.sort(key=lambda call: call.key[1].startswith("~"))
        for call in calls:
            self._take(call)
        changed = [entry for entry in self._entries.values() if entry.changed]
        sessions = LogSessions(self._db, batch.sessions, batch.preferred_session)
        places = [sessions.place(entry.prepared[0]) if _needs_place(entry) else _session(entry) for entry in changed]
        self._write(changed, places)
        moved = zip(changed, places, strict=True)
        sessions.settle({e.before.session_id for e, place in moved if e.before and e.before.session_id != place})
        self._db.execute_many(iq.SAVE_CURSOR, [_cursor_params(cursor) for cursor in batch.cursors])
        self._db.execute_many(iq.SAVE_AGENT_TOTAL, [_total_params(total) for total in batch.agent_totals])
        booked = ((agent, rows.text(name), what) for (agent, name), what in batch.booked.items())
        self._db.execute_many(iq.BOOK, [dict(zip(("agent_name", "name", "booked"), b, strict=True)) for b in booked])
        return sum(entry.before is None for entry in changed)

    # finding

    def _load(self, calls: list[ImportedCall]) -> None:
        wanted: dict[str, set[str]] = defaultdict(set)
        for provider, response_id in (call.key for call in calls):
            wanted[provider].add(response_id)
            if self._proxied and not response_id.startswith("~"):
                for proxied in self._proxied:
                    wanted[proxied].add(response_id)
        hosted = [call.key for call in calls if call.ids_may_clash and call.key[0] in HOSTS]
        self._hosts.update({host for host, _ in hosted})
        if len(self._hosts) > 1:
            for host in self._hosts:
                wanted[host].update(response_id for _, response_id in hosted)
        named = {log_key: call.key[0] for call in calls if (log_key := call.log_key) is not None}
        for log_key, provider in named.items():
            wanted[provider].add(log_key)
        for provider, keys in wanted.items():
            self._load_by_keys(provider, keys)
        derived = {call.key[1] for call in calls if call.key[1].startswith("~")}
        if (named or derived) and self._db.query(iq.ANY_LOG_KEY):
            self._load_by_log_key(derived.union(named))

    def _load_by_keys(self, provider: str, keys: Iterable[str]) -> None:
        for params in _chunks(keys):
            found = self._db.query(iq.REQUESTS_BY_KEYS[len(params)], {"provider_name": provider, **params})
            self._remember(call_rows.request_of(row) for row in found)

    def _load_by_log_key(self, keys: Iterable[str]) -> None:
        for params in _chunks(key for key in keys if key not in self._by_log_key):
            found = self._db.query(iq.REQUESTS_BY_LOG_KEYS[len(params)], params)
            self._remember(call_rows.request_of(row) for row in found)

    def _remember(self, found: Iterable[ModelRequest]) -> None:
        for row in found:
            key = (row.provider_name, row.response_id)
            if key not in self._entries:
                entry = self._entries[key] = _Entry(None, row)
                if row.log_key is not None:
                    self._by_log_key[row.log_key].append(entry)
                elif Source.LOG not in row.sources:
                    self._unclaimed.append(entry)

    def _take(self, call: ImportedCall) -> None:
        entry = self._entries.get(call.key)
        if entry is None and self._proxied:
            entry = self._by_other_name(call.key[1])
        if entry is None and call.ids_may_clash and len(self._hosts) > 1:
            entry = self._by_other_host(call)
        derived, by_id = call.key[1].startswith("~"), entry is not None
        if entry is None and (derived or call.log_key is not None):
            entry = self._by_other_log(call)
        if entry is None and call.log_key is None and not (self._proxied and derived):
            self._entries[call.key] = _Entry(call.prepared)
            return
        seen = call.request
        if entry is None and self._proxied and derived:
            entry = self._by_match(seen)
        elif entry is not None and by_id and call.ids_may_clash and not same_call(entry.row, seen):
            seen, entry = self._by_clash(seen)
            if entry is None and call.log_key is not None:
                entry = self._by_other_log(call)
            if entry is None and self._proxied:
                entry = self._by_match(seen)
        elif entry is not None and not derived and Source.PROXY in entry.row.sources:
            entry = self._as_the_proxy_saw_it(entry, seen)
        if entry is None:
            self._add(seen)
        else:
            self._merge(entry, seen)

    def _add(self, seen: ModelRequest) -> None:
        entry = self._entries[seen.provider_name, seen.response_id] = _Entry(call_rows.prepared(seen))
        if seen.log_key is not None:
            self._by_log_key[seen.log_key].append(entry)

    def _by_other_name(self, response_id: str) -> _Entry | None:
        """A call of the same id that the proxy saw with another provider."""
        if not response_id.startswith("~"):
            for provider in self._proxied:
                found = self._entries.get((provider, response_id))
                if found is not None and Source.PROXY in found.row.sources:
                    return found
        return None

    def _by_other_host(self, call: ImportedCall) -> _Entry | None:
        """The same call under another host's name."""
        provider, response_id = call.key
        others = self._hosts - {provider} if provider in self._hosts else ()
        found = (self._entries.get((host, response_id)) for host in others)
        return next((entry for entry in found if entry and same_call(entry.row, call.request)), None)

    def _by_other_log(self, call: ImportedCall) -> _Entry | None:
        """The same call as another log said it, which knows less of it, or more."""
        provider, response_id = call.key
        found = list(self._by_log_key.get(response_id, ()))
        if call.log_key is not None:
            found += self._by_log_key.get(call.log_key, ())
            if (nameless := self._entries.get((provider, call.log_key))) is not None:
                found.append(nameless)
        return next((entry for entry in found if not are_two_originals(entry.row, call.request)), None)

    def _by_match(self, seen: ModelRequest) -> _Entry | None:
        """A call the log knows without an id: the nearest unclaimed one that agrees in all."""
        self._load_unclaimed(seen.started_at_ms - _LONGEST_CALL_MS, seen.started_at_ms + MATCH_SLACK_MS)
        unclaimed = (entry for entry in self._unclaimed if Source.LOG not in entry.row.sources)
        nearest = [entry for entry in unclaimed if is_match(entry.row, seen)]
        if not nearest:
            return None
        entry = min(nearest, key=lambda e: abs(seen.started_at_ms - e.row.started_at_ms - (e.row.duration_ms or 0)))
        log_key = seen.log_key or seen.response_id
        entry.row = replace(entry.row, log_key=log_key)
        self._by_log_key[log_key].append(entry)
        return entry

    def _load_unclaimed(self, since_ms: int, until_ms: int) -> None:
        """Calls of a time that no log has shown; the rollups say where there are none to look for."""
        if self._unclaimed_buckets is None:
            self._unclaimed_buckets = frozenset(start for (start,) in self._db.query(iq.UNCLAIMED_BUCKETS))
        first = since_ms - since_ms % call_rows.BUCKET_MS
        if not self._unclaimed_buckets.isdisjoint(range(first, until_ms + 1, call_rows.BUCKET_MS)):
            window = {"since_ms": since_ms, "until_ms": until_ms}
            self._remember(call_rows.request_of(row) for row in self._db.query(iq.UNCLAIMED_REQUESTS, window))

    def _as_the_proxy_saw_it(self, entry: _Entry, seen: ModelRequest) -> _Entry:
        """The call of the same id whose prompt agrees: the proxy may have seen several of one id."""
        if same_prompt(entry.row, seen):
            return entry
        key = (entry.row.provider_name, clash_key(seen))
        if key not in self._entries:
            self._load_by_keys(*key[:1], key[1:])
        return self._entries.get(key, entry)

    def _by_clash(self, seen: ModelRequest) -> tuple[ModelRequest, _Entry | None]:
        """A call whose id belongs to another one: by its own derived key, else by what copies keep."""
        own = replace(seen, response_id=clash_key(seen), log_key=seen.log_key or copy_key(seen))
        key = (own.provider_name, own.response_id)
        if key not in self._entries:
            self._load_by_keys(own.provider_name, [own.response_id])
        if key in self._entries:
            return own, self._entries[key]
        if own.log_key is not None:
            self._load_by_log_key([own.log_key])
            for entry in self._by_log_key.get(own.log_key, ()):
                if same_call(entry.row, seen):
                    return own, entry
        return own, None

    def _merge(self, entry: _Entry, seen: ModelRequest) -> None:
        known = entry.row
        merged = merge(known, seen)
        if known.log_key == seen.response_id and seen.log_key is not None:  # joined before logs could say more
            merged = replace(merged, log_key=seen.log_key)
        is_named = known.response_id == seen.log_key != seen.response_id  # now its own id is known
        if is_named and not self._is_taken(merged.provider_name, seen):
            merged = replace(merged, response_id=seen.response_id, log_key=seen.log_key)
        if merged.log_key != known.log_key and merged.log_key is not None:
            self._by_log_key[merged.log_key].append(entry)
        if (merged.provider_name, merged.response_id) != (known.provider_name, known.response_id):
            del self._entries[known.provider_name, known.response_id]
            self._entries[merged.provider_name, merged.response_id] = entry
        priced = seen if merged.billing is seen.billing else known
        if priced.started_at_ms != merged.started_at_ms:
            merged = self._reprice(merged)
        entry.row = merged

    def _is_taken(self, provider: str, seen: ModelRequest) -> bool:
        """Whether another call of a biller has the id of this one."""
        if provider != seen.provider_name:  # whose calls were not looked for
            self._load_by_keys(provider, [seen.response_id])
        return (provider, seen.response_id) in self._entries

    # writing

    def _write(self, changed: list[_Entry], places: list[int | None]) -> None:
        new: list[Row] = []
        known: list[dict[str, Any]] = []
        for entry, place in zip(changed, places, strict=True):
            columns = entry.prepared[0]
            placed = (*columns[: call_rows.SESSION], place, *columns[call_rows.SESSION + 1 :])
            if entry.before is None:
                new.append(placed)
            else:
                known.append({**dict(zip(REQUEST_COLUMNS, placed, strict=True)), "id": entry.before.id})
        self._db.insert_many("model_requests", REQUEST_COLUMNS, new)
        self._db.execute_many(q.UPDATE_REQUEST, known)
        self._count(changed, places)

    def _count(self, changed: list[_Entry], places: list[int | None]) -> None:
        """Calls are summed by everything that tells their counters apart, and these sums by each counter's own key."""
        groups: _Groups = defaultdict(list)
        for entry, place in zip(changed, places, strict=True):
            _, group, counts = entry.prepared
            groups[place, group].append(counts)
            if entry.before is not None:
                _, group, counts = call_rows.prepared(entry.before)
                groups[entry.before.session_id, group].append(tuple([-count for count in counts]))
        by_rollup: _Groups = defaultdict(list)
        by_session: _Groups = defaultdict(list)
        by_use: _Groups = defaultdict(list)
        by_cursor: _Groups = defaultdict(list)
        for (place, group), parts in groups.items():
            counts = call_rows.parted(parts)
            by_rollup[call_rows.rollup_of(group)].append(counts)
            if place is not None:
                by_session[(place,)].append(counts)
                by_use[call_rows.session_use_of(group, place)].append(counts)
            if group[-1] is not None:
                by_cursor[group[-1:]].append(call_rows.cursor_counts(counts))
        by_period: _Groups = defaultdict(list)
        for rollup, parts in by_rollup.items():
            by_period[call_rows.spending_of(rollup)].append(call_rows.spent(_sum(parts)))
        self._add_up(q.COUNT_FOR_ROLLUP, q.ROLLUP_KEYS, q.COUNTER_COLUMNS, by_rollup)
        self._add_up(q.COUNT_FOR_SPENDING, q.SPENDING_KEYS, q.SPENDING, by_period)
        self._add_up(q.COUNT_FOR_SESSION, ("session_id",), q.COUNTER_COLUMNS, by_session)
        self._add_up(q.COUNT_FOR_SESSION_USE, q.SESSION_USE_KEYS, q.COUNTER_COLUMNS, by_use)
        self._add_up(iq.COUNT_FOR_CURSOR, ("id",), iq.TOTAL_COLUMNS, by_cursor)

    def _add_up(self, sql: str, keys: tuple[str, ...], names: tuple[str, ...], groups: Mapping[Row, _Counts]) -> None:
        """One statement per key with the sums of its group."""
        columns = keys + names
        sums = ((*key, *_sum(counts)[: len(names)]) for key, counts in groups.items())
        self._db.execute_many(sql, [dict(zip(columns, values, strict=True)) for values in sums])


_Counts = list[tuple[int, ...]]
_Groups: TypeAlias = "defaultdict[Row, _Counts]"


def _sum(counts: _Counts) -> tuple[int, ...]:
    return counts[0] if len(counts) == 1 else tuple(map(sum, zip(*counts, strict=True)))


def _session(entry: _Entry) -> int | None:
    found: int | None = entry.prepared[0][call_rows.SESSION]
    return found


def _needs_place(entry: _Entry) -> bool:
    """A call that only logs know follows the conversation that owns it; any other keeps the session it has."""
    before = entry.before
    if _session(entry) is None:
        return True
    return before is not None and entry.row.sources == _LOG_ONLY and before.conversation_id != entry.row.conversation_id


def _chunks(keys: Iterable[str]) -> Iterator[dict[str, str]]:
    """Parameters k0, k1, … for statements with a fixed number of keys; the last key fills up."""
    ordered = [rows.text(key) for key in keys]
    count = next((count for count in iq.KEYS_PER_QUERY if count >= len(ordered)), iq.KEYS_PER_QUERY[-1])
    for begin in range(0, len(ordered), count):
        part = ordered[begin : begin + count]
        part += part[-1:] * (count - len(part))
        yield {f"k{i}": key for i, key in enumerate(part)}


def _total_params(total: AgentTotal) -> dict[str, Any]:
    params = {name: getattr(total, name) for name in iq.AGENT_TOTAL_COLUMNS}
    params["conversation_id"] = rows.text(total.conversation_id)
    return {**params, "carried_from": json.dumps(total.carried_from)}


def _cursor_params(cursor: Any) -> dict[str, Any]:
    params = {name: getattr(cursor, name) for name in iq.CURSOR_COLUMNS}
    return {name: rows.text(value) if isinstance(value, str) else value for name, value in params.items()}
