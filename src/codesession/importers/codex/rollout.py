"""
One rollout as calls: the file's own ones, each once.

New versions write a `token_usage_record` per response. Older ones repeat cumulative counts, and forks copy their
parent's lines, re-stamped; README.md has the rules and where they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from codesession.domain.plain import PlainCall, PlainCounts, whole
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.domain.usage import ModelResponse, UsagePart
from codesession.importers.billers import named_biller
from codesession.importers.codex import counts
from codesession.importers.codex import lines as read
from codesession.importers.codex.family import Family, thread_of
from codesession.importers.times import epoch_ms
from codesession.providers.base import RequestFacts
from codesession.providers.openai_responses import OpenAIResponsesParser

if TYPE_CHECKING:
    from codesession.domain.plain import Seen
    from codesession.importers.base import LogFile

_KINDS = 512
"""Kinds of calls remembered at a time."""
_NEEDLES = (
    b"session_meta",
    b"turn_context",
    b"token_count",
    b"token_usage_record",
    b"task_started",
    b"thread_settings_applied",
    b"thread_name",
)
_BULK = re.compile(b'"(?:response_item|world_state|compacted)"')
"""Types of the long lines; they stand near the beginning."""
_MOST = b'"type":"response_item"'
"""What most of them are, told without a pattern."""
_EARLY = re.compile(b"|".join(_NEEDLES))
_COUNT = b'"type":"token_count"'
_HEAD = 140
_RECORDS = (0, 153)
"""Every version from this one on was seen to write `token_usage_record`."""
_TURNS_NAMED = (0, 104)
"""Every version from this one on was seen to name its turns."""
_TOGETHER_MS = 5_000
"""A count and the record of the same response are written one after the other."""
_TIER_UNKNOWN = "this version of the agent does not log the service tier"
_PARSER = OpenAIResponsesParser()


@dataclass(slots=True)
class _State:
    """What one pass hands to the next: where in the story the file is."""

    thread: str | None = None
    headed: str | None = None
    """The time of the first header."""
    forked_from: str | None = None
    spawned_by: str | None = None
    root_session: str | None = None
    start_ordinal: int | None = None
    provider: str | None = None
    version: str | None = None
    directory: str | None = None
    git_branch: str | None = None
    records: bool = False
    """Responses have records of their own: cumulative counts are not looked at."""
    copying: list[str] = field(default_factory=list)
    """The threads whose lines are being copied, until the first own turn."""
    given: bool = False
    """The header names another thread, whose turns may stand here without its own header: until the first own turn."""
    all_named: bool = False
    """It is a sub-agent's, and of versions that name every turn, as are those whose headers it copied."""
    turn: str | None = None
    turns_named: bool = False
    model: str | None = None
    models: dict[str, str] = field(default_factory=dict)
    """Model by turn, the last few turns."""
    tier: str | None = None
    tier_known: bool = False
    total: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    chain: str = ""
    eldest: str | None = None
    """The thread farthest back that copied headers name."""
    counted: list[Any] | None = None
    """Of the last count before there are records: its identity, time, usage and total."""


class Rollout:
    """Reads one rollout from where the last pass stopped."""

    def __init__(self, log: LogFile, agent_name: str, family: Family) -> None:
        self._log = log
        self._agent_name = agent_name
        self._family = family
        kept = log.state.keys() & set(_State.__slots__)  # earlier versions kept more
        self._state = _State(**{name: log.state[name] for name in kept})
        self._kinds: dict[tuple[object, ...], Sighting] = {}
        """The first call of each kind."""

    def calls(self) -> Iterator[Seen]:
        """Every call of the new lines."""
        for raw in self._log.lines():
            counts_nothing = self._state.records and raw.find(_COUNT, 0, _HEAD) >= 0
            if counts_nothing or not _matters(raw):  # counts say nothing where responses have records
                self._log.pass_over(raw)
                continue
            decoded = read.decode(raw)
            if decoded is None:
                self._log.bad_line("broken JSON")
                continue
            line, payload = decoded
            if payload is not None:
                yield from self._take(line, payload)
        self._log.state = {name: getattr(self._state, name) for name in _State.__slots__}

    def _take(self, line: read.Line, payload: Any) -> Iterator[Seen]:
        at_ms = epoch_ms(line.timestamp)
        if self._log.first_ms is None:
            self._log.first_ms = at_ms
        if isinstance(payload, read.Meta):
            self._meta(payload, line)
        elif isinstance(payload, read.TurnContext):
            self._turn_context(payload, line)
        elif isinstance(payload, read.Event):
            sighting = self._event(payload, line, at_ms)
            if sighting is not None:
                yield sighting
        elif isinstance(payload, read.Record):
            sighting = self._record(payload, line, at_ms)
            if sighting is not None:
                counted = None if self._state.records else self._twin(payload, at_ms)
                yield sighting if counted is None else replace(whole(sighting), log_key=counted)
            self._state.records, self._state.counted = True, None

    def _twin(self, record: read.Record, at_ms: int | None) -> str | None:
        """
        The identity of the count that tells of the same response as the first record, and stands before it.

        The other counts before it are calls: an old version wrote them, and a new one resumed the thread.
        """
        if self._state.counted is None:
            return None
        key, counted_ms, usage, total = self._state.counted
        together = at_ms is not None and counted_ms is not None and abs(at_ms - counted_ms) <= _TOGETHER_MS
        same = record.thread_token_usage == total if record.thread_token_usage is not None else together
        found: str | None = key if same and record.usage == usage else None
        return found

    def _meta(self, meta: read.Meta, line: read.Line) -> None:
        state = self._state
        names_turns = counts.version(meta.cli_version) >= _TURNS_NAMED
        if state.thread is not None:
            if meta.id == state.thread and line.timestamp == state.headed:  # all of the file is there once more
                state.total, state.last, state.chain = None, None, ""
            state.all_named = state.all_named and names_turns
            if meta.id is not None and meta.id != state.thread and meta.id not in state.copying:
                state.copying.append(meta.id)
                state.eldest = meta.forked_from_id or meta.id
            return
        state.thread, state.headed = meta.id or self._fallback_thread(), line.timestamp
        state.forked_from, state.spawned_by = meta.forked_from_id, meta.spawned_by
        state.root_session = meta.session_id if meta.session_id != state.thread else None
        state.start_ordinal = meta.subagent_history_start_ordinal
        told_otherwise = state.start_ordinal is not None or meta.history_base is not None
        state.given = not told_otherwise and bool(state.forked_from or state.spawned_by)
        state.all_named = state.spawned_by is not None and names_turns
        state.provider, state.version = meta.model_provider, meta.cli_version
        state.directory, state.git_branch = meta.cwd, meta.git.branch if meta.git else None

    def _fallback_thread(self) -> str:
        return thread_of(self._log.path) or self._log.path.name.removesuffix(".zst").removesuffix(".jsonl")

    def _turn_context(self, context: read.TurnContext, line: read.Line) -> None:
        state = self._state
        self._enter(context.turn_id)
        if self._is_parents(line):
            return
        state.model = context.model or state.model
        if context.turn_id and context.model:
            state.models.pop(context.turn_id, None)
            state.models[context.turn_id] = context.model
            while len(state.models) > 16:
                del state.models[next(iter(state.models))]
        if state.directory is None:
            state.directory = context.cwd

    def _enter(self, turn: str | None) -> None:
        """A turn begins; the first own one ends what was copied from the parent."""
        state = self._state
        if turn is None:
            return
        state.turn, state.turns_named = turn, True
        if not _is_older(turn, state.thread or ""):
            state.given = False
        if not state.copying:
            return
        known = [turns for thread in state.copying if (turns := self._family.turns(thread)) is not None]
        thread = state.thread or ""
        missing = len(known) < len(state.copying)
        own = turn > thread if missing else not _is_older(turn, thread)
        if own and not any(turn in turns for turns in known):
            state.copying = []

    def _event(self, event: read.Event, line: read.Line, at_ms: int | None) -> Seen | None:
        state = self._state
        if event.type == "task_started":
            self._enter(event.turn_id)
        elif event.type == "thread_settings_applied" and event.thread_settings is not None:
            if self._is_parents(line):
                return None
            state.tier, state.tier_known = event.thread_settings.service_tier, True
            state.model = event.thread_settings.model or state.model
            state.provider = event.thread_settings.model_provider_id or state.provider
        elif event.type == "thread_name_updated" and event.thread_name:
            self._log.conversation(self._thread(), title=event.thread_name)
        elif event.type == "token_count" and not state.records:
            return self._count(event.info, line, at_ms)
        return None

    def _thread(self) -> str:
        if self._state.thread is None:
            self._state.thread = self._fallback_thread()
        return self._state.thread

    def _record(self, record: read.Record, line: read.Line, at_ms: int | None) -> Seen | None:
        state = self._state
        if record.usage is None:
            self._log.bad_line("a record of a response without counts")
            return None
        thread = self._thread()
        if self._is_copied(line) and (state.start_ordinal is not None or record.thread_id != thread):
            self._log.repeats += 1
            return None
        model = state.models.get(record.turn_id or "") or state.model
        copied = record.thread_id is not None and record.thread_id != thread
        return self._sighting(
            record.response_id or self._derived_id(record, line),
            record.usage if any(record.usage.values()) else {},  # nothing but zeros: the server did not count
            model,
            at_ms,
            claim=Claim.NAMED_COPY if copied else Claim.ORIGINAL,
            thread=record.thread_id or thread,
            turn=record.turn_id,
        )

    def _derived_id(self, record: read.Record, line: read.Line) -> str:
        """For a response whose id is not told: what its thread used by then is never the same again."""
        total = record.thread_token_usage or line.timestamp
        facts = (record.thread_id or self._thread(), record.turn_id, record.usage, total)
        return f"~{self._agent_name}:{counts.digest(*facts)}"

    def _count(self, info: read.TokenInfo | None, line: read.Line, at_ms: int | None) -> Seen | None:
        """A cumulative count. The same total again is the same call again; a lower one a counter that restarted."""
        state = self._state
        if info is None:  # nothing used yet: a new counter, which may come to the total of the one before
            state.total = state.last = None
            return None
        before, state.total = state.total, info.total_token_usage
        last, state.last = state.last, info.last_token_usage
        if counts.is_repeat(before, info.total_token_usage, last, info.last_token_usage):
            self._log.repeats += 1
            return None
        usage = info.last_token_usage or counts.difference(before, info.total_token_usage)
        if usage is None or self._is_inherited(before, info):
            return None
        state.chain = counts.digest(state.chain, usage, info.total_token_usage)
        if counts.says_only_the_size(info.total_token_usage, usage):
            return None
        copied = self._is_copied(line) and (state.turns_named or not state.copying)
        if copied or self._is_given():
            self._log.repeats += 1
            return None
        claim, content = self._told_by_content(usage, info, line)
        key = f"~{self._agent_name}:{content}"
        state.counted = [key, at_ms, usage, info.total_token_usage]
        return self._sighting(
            key,
            usage,
            info.model or state.model,
            at_ms,
            claim=claim,
            thread=self._thread(),
            turn=state.turn,
        )

    def _is_inherited(self, before: read.Counts | None, info: read.TokenInfo) -> bool:
        """
        Whether a count tells what the parent used: the first one of a fork that has records for its own calls.

        Versions without records say the same of a fork's first call, which goes on with its parent's total.
        """
        total, last = counts.tokens(info.total_token_usage), counts.tokens(info.last_token_usage)
        recorded = counts.version(self._state.version) >= _RECORDS
        return recorded and before is None and total is not None and total != last

    def _told_by_content(self, usage: read.Counts, info: read.TokenInfo, line: read.Line) -> tuple[Claim, str]:
        """
        Who made a call without an id, and its identity.

        Where turns have no ids, what a fork copied is told by being the same chain of counts from the beginning.
        """
        state, thread = self._state, self._thread()
        if state.turns_named:
            return Claim.ORIGINAL, counts.digest(thread, line.timestamp, usage, info.total_token_usage)
        origin = self._family.root(state.eldest or state.forked_from or thread)
        claim = Claim.ORIGINAL if origin == thread else Claim.CONTINUATION
        return claim, counts.digest(origin, state.chain)

    def _is_copied(self, line: read.Line) -> bool:
        state = self._state
        if state.start_ordinal is not None and line.ordinal is not None:
            return self._is_parents(line)
        return bool(state.copying)

    def _is_given(self) -> bool:
        """
        Whether a count is of the last turns of its parent, which a sub-agent may be given without the parent's header.

        They may begin in the middle of a turn, before any name.
        """
        return self._state.given and (self._state.turns_named or self._state.all_named)

    def _is_parents(self, line: read.Line) -> bool:
        """Whether a line is told by its number to be of the history that a sub-agent was given."""
        start = self._state.start_ordinal
        return start is not None and line.ordinal is not None and line.ordinal < start

    def _sighting(
        self,
        key: str,
        usage: read.Counts,
        model: str | None,
        at_ms: int | None,
        *,
        claim: Claim,
        thread: str,
        turn: str | None,
    ) -> Seen | None:
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return None
        state = self._state
        plain = counts.plain_counts(usage)
        if plain is None:
            return self._single(self._response(key, usage, model), at_ms, claim=claim, thread=thread, turn=turn)
        kind = (
            *(claim, thread, model, state.provider, state.tier, state.tier_known),
            *(state.version, state.spawned_by, state.git_branch, state.directory),
        )
        like = self._kinds.get(kind)
        if like is None:
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            response = _with(self._answer(model), key, plain)
            like = self._kinds[kind] = self._single(response, at_ms, claim=claim, thread=thread, turn=turn)
        return PlainCall(like, key, at_ms, plain, turn, None, 1)

    def _single(self, response: ModelResponse, at_ms: int, *, claim: Claim, thread: str, turn: str | None) -> Sighting:
        state = self._state
        if thread not in self._log.conversations:
            self._log.conversation(
                thread,
                directory=state.directory,
                git_branch=state.git_branch,
                parent=(state.root_session or state.spawned_by) if thread == state.thread else None,
            )
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            conversation_id=thread,
            agent_name=self._agent_name,
            agent_version=state.version,
            subagent_id=thread if state.spawned_by and thread == state.thread else None,
            prompt_id=turn,
            git_branch=state.git_branch,
            project=state.directory,
        )
        observation = Observation(response=response, context=context)
        return Sighting(observation=observation, claim=claim, ids_may_clash=response.usage is not None)

    def _answer(self, model: str | None) -> ModelResponse:
        state = self._state
        return _answer(named_biller(state.provider, model, "openai"), model, state.tier, state.tier_known)

    def _response(self, key: str, usage: read.Counts, model: str | None) -> ModelResponse:
        state = self._state
        provider = named_biller(state.provider, model, "openai")
        response = _PARSER.parse_usage(
            counts.wire_usage(usage),
            response={"id": key, "model": model, "service_tier": state.tier},
            request=RequestFacts(provider_name=provider),
        )
        if not state.tier_known:
            response = replace(response, warnings=(*response.warnings, _TIER_UNKNOWN))
        total, found = counts.tokens(usage), response.usage
        if found is not None and total is not None and total != found.total_tokens:
            response = replace(response, mismatch=True)
        return response


@lru_cache(256)
def _answer(provider: str, model: str | None, tier: str | None, tier_known: bool) -> ModelResponse:
    """What the wire format's parser makes of an answer whose counts are plain: all but its id and its counts."""
    response = _PARSER.parse_usage(
        {"input_tokens": 0, "output_tokens": 0},
        response={"model": model, "service_tier": tier},
        request=RequestFacts(provider_name=provider),
    )
    return response if tier_known else replace(response, warnings=(*response.warnings, _TIER_UNKNOWN))


def _with(alike: ModelResponse, key: str, plain: PlainCounts) -> ModelResponse:
    return ModelResponse(
        provider_name=alike.provider_name,
        api=alike.api,
        response_model=alike.response_model,
        response_id=key,
        parts=(UsagePart(usage=plain.usage),),
        facts=alike.facts,
        warnings=alike.warnings,
    )


def _is_older(turn: str, thread: str) -> bool:
    """
    Whether a turn began before its thread, by the times in their ids (UUIDv7): then it is another thread's.

    The parent's rollout may be there and still lack it, when it was cut short.
    """
    both_timed = all(len(name) == 36 and name[14] == "7" for name in (turn, thread))
    return both_timed and turn[:13] < thread[:13]


def _matters(line: bytes) -> bool:
    """Whether a line may say something about calls; the long ones are told by their beginning."""
    if line.find(_MOST, 0, _HEAD) >= 0 or _BULK.search(line, 0, _HEAD) is not None:
        return False
    return _EARLY.search(line, 0, _HEAD) is not None or any(needle in line for needle in _NEEDLES)
