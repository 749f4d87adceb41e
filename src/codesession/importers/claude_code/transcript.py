"""
One transcript as calls: lines of one API answer become one sighting.

Within a file lines are one call when message id and request id agree; without a request id the model and the
prompt's counts must agree too. The line with the largest output is kept whole. What other files know of the same
call is joined by whoever keeps the sightings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codesession.domain.digests import digest
from codesession.domain.facts import fact, replace
from codesession.domain.plain import PlainCall
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import biller_of
from codesession.importers.claude_code.few import decoder
from codesession.importers.claude_code.usage import response_of
from codesession.importers.jsonl import scan_string
from codesession.importers.times import epoch_ms
from codesession.providers.counting import whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.plain import Seen
    from codesession.domain.usage import ModelResponse
    from codesession.importers.base import LogFile
    from codesession.importers.claude_code.few import AnyLine, AnyMessage
    from codesession.importers.claude_code.plain import PlainUsage

_OPEN_CALLS = 128
"""Calls of a file held open for further lines; a line that comes later is merged by the ledger."""
_KINDS = 512
"""Kinds of calls remembered at a time."""
_SHORT = 4096
"""Titles are in lines shorter than this; prompt ids stand in the first `_HEAD` bytes of a line."""
_HEAD = 600
_PROMPT = re.compile(rb'"promptId":"([0-9a-f-]+)"')
"""A prompt's id as it is nearly always written."""
_SIDE_CHAIN = re.compile(rb'"isSidechain"\s*:\s*true')
_AGENT = b'"agentId"'
_NAMELESS = "sidechain"
"""Who wrote a line of a side chain that says nothing of itself."""
_CHAINED = 128
"""Lines of side chains remembered, for those that follow them."""
_FLUSHED_FINAL = (2, 1, 97)
"""The first version that writes a line when the whole answer is there."""
_PLACEHOLDER = 8
"""The largest output count that `message_start` was seen to carry."""
_CHARS_PER_TOKEN = 8
_SLACK_CHARS = 200
_DOUBTED_OUTPUT = 512
"""Only output counts up to here are compared with the text that was written."""


@fact(slots=True)
class _Call:
    """One call of this file while its lines come in."""

    best: AnyLine
    """Has the largest output: it says what was used."""
    message: AnyMessage
    plain: PlainUsage | None
    """The usage of the best line, where it is of the plain shape."""
    output: int
    owner: AnyLine
    """The earliest of those surest to be no copy: it says who made the call, and when."""
    at_ms: int
    prompt_id: str | None
    subagent_id: str | None
    said_ms: int
    """When the best line was written."""
    lines: int = 1
    written: int = 0
    """Characters of text seen, as far as counted."""
    size: int = 0
    """Of all contents, in bytes: text cannot be longer."""
    unheard: tuple[AnyMessage, ...] = ()
    """Those whose text was not counted, because all together is not long enough to matter."""
    said: tuple[int, ...] = ()
    """The contents they were counted of: a line may be there again."""

    def add(self, line: AnyLine, message: AnyMessage, plain: PlainUsage | None, output: int, at_ms: int) -> None:
        self.lines += 1
        if output >= self.output:
            self.best, self.message, self.plain, self.output, self.said_ms = line, message, plain, output, at_ms

    def hear(self, message: AnyMessage) -> None:
        """Count what the model wrote, as soon as it may be more than the output says."""
        self.size += message.size
        self.unheard += (message,)
        if self.size <= self.output * _CHARS_PER_TOKEN + _SLACK_CHARS:
            return
        for unheard in self.unheard:
            written = unheard.written()
            if written and (content := unheard.fingerprint()) not in self.said:
                self.written += written
                self.said += (content,)
        self.unheard = ()

    @property
    def usage(self) -> dict[str, Any]:
        """The usage object of the best line as it stands there."""
        return self.message.counts() or {}


class Transcript:
    """Reads one transcript from where the last pass stopped."""

    def __init__(self, log: LogFile, agent_name: str) -> None:
        self._log = log
        self._agent_name = agent_name
        self._decode = decoder()
        self._provider = None if agent_name == "claude-code" else agent_name
        self._calls: dict[tuple[str, ...], _Call] = {}
        self._prompt_id: str | None = log.state.get("prompt")
        self._titles: dict[str, list[Any]] = log.state.setdefault("titles", {})
        self._directory: str | None = log.state.get("directory")
        """Where the file began: some agents name it on the user's lines only."""
        self._known: set[tuple[str, str | None, str | None]] = set()
        self._kinds: dict[tuple[object, ...], Sighting] = {}
        """The first call of each kind."""
        self._origins: list[str] = log.state.setdefault("origins", [])
        """Conversations whose calls were copied into this file."""
        self._side_chains: dict[str, str] = log.state.setdefault("side_chains", {})
        """The first line of the side chain a line belongs to, by their uuids; of chains without a sub-agent's id."""
        self._last_ms: int | None = log.state.get("last_ms")
        """Time of the newest call."""

    def calls(self) -> Iterator[Seen]:
        """Every call of the new lines."""
        log, calls = self._log, self._calls
        for line in log.lines():
            if log.first_ms is None and b'"timestamp"' in line:
                log.first_ms = epoch_ms(scan_string(line, b"timestamp"))
            if self._directory is None and b'"cwd"' in line:
                self._directory = scan_string(line, b"cwd")
            if b'"usage"' in line:
                if self._usage_line(line):
                    if len(calls) > _OPEN_CALLS:
                        yield self._seen(calls.pop(next(iter(calls))))
                    continue
            else:
                if (at := line.find(b'"promptId"', 0, _HEAD)) >= 0:
                    self._prompt_line(line, at)
                log.pass_over(line)
                if (at := line.find(b'"isSidechain"')) >= 0 and _SIDE_CHAIN.match(line, at) and _AGENT not in line:
                    side = self._decode(line)
                    if side is not None:
                        self._subagent(side)
            if len(line) < _SHORT and (b'-title"' in line or b'"summary"' in line):
                self._title_line(line)
            elif line.find(b'"cost-state"', 0, _HEAD) >= 0:
                from codesession.importers.claude_code.totals import note_total  # few logs have such a line

                note_total(log, line, agent_name=self._agent_name, at_ms=self._last_ms, origins=self._origins)
        for call in calls.values():
            yield self._seen(call)
        calls.clear()
        log.state.update(prompt=self._prompt_id, directory=self._directory, last_ms=self._last_ms)

    def _usage_line(self, raw: bytes) -> bool:
        """Take a line with usage; whether it was that of a call."""
        line = self._decode(raw)
        if line is None:
            self._log.bad_line("broken JSON")
            return False
        message, subagent_id = line.message, self._subagent(line)
        if line.type not in ("assistant", None) or message is None or message.model == "<synthetic>" or line.is_error:
            return False
        plain = message.plain
        usage = message.counts() if plain is None else None
        if plain is None and usage is None:
            return False
        at_ms = epoch_ms(line.timestamp)
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return False
        if self._last_ms is None or at_ms > self._last_ms:
            self._last_ms = at_ms
        origin = _origin(line)
        if origin and origin != line.conversation and origin not in self._origins:
            self._origins.append(origin)
        output = _output(usage) if plain is None else plain.output_tokens
        key = self._key(line, message)
        known = self._calls.get(key)
        if known is None:
            first = (line, message, plain, output, line, at_ms, self._prompt_id, subagent_id, at_ms)
            known = self._calls[key] = _Call(*first)
        else:
            known.add(line, message, plain, output, at_ms)
            if self._owns(line, at_ms, known):
                known.owner, known.at_ms, known.subagent_id = line, at_ms, subagent_id
        if known.output <= _DOUBTED_OUTPUT:
            known.hear(message)
        return True

    def _owns(self, line: AnyLine, at_ms: int, call: _Call) -> bool:
        """Whether a line knows better who made a call than those before it; nearly always they say the same."""
        if at_ms >= call.at_ms and line.conversation == call.owner.conversation:
            return False
        return (self._claim(line)[0], at_ms) < (self._claim(call.owner)[0], call.at_ms)

    def _subagent(self, line: AnyLine) -> str | None:
        """
        The sub-agent that wrote a line.

        Old versions write side chains into the main file without a name: their first line tells them apart.
        """
        if not line.isSidechain or line.agentId:
            return line.agentId if line.isSidechain else None
        if line.uuid is None:
            return _NAMELESS
        chains = self._side_chains
        first = chains.get(line.parentUuid or "") or chains.get(line.uuid) or line.uuid
        chains[line.uuid] = first
        if len(chains) > _CHAINED:
            del chains[next(iter(chains))]
        return first

    def _key(self, line: AnyLine, message: AnyMessage) -> tuple[str, ...]:
        if message.id is None:
            return ("", line.uuid or f"{self._log.line_number}")
        if line.requestId:
            return (message.id, line.requestId)
        usage = message.counts() or {}
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        return (message.id, "", message.model or "", *(str(usage.get(name)) for name in names))

    def _seen(self, call: _Call) -> Seen:
        """A call; as a plain one wherever it is no different from others but in what tells calls apart."""
        line, message, plain, owner = call.best, call.message, call.plain, call.owner
        counts = plain.counts if plain is not None and message.id else None
        if plain is None or counts is None or not message.id:
            return self._sighting(call)
        claim, conversation = self._claim(owner)
        kind = (
            claim,
            conversation,
            self._copied_by(owner, conversation),
            owner.version,
            call.subagent_id,
            owner.gitBranch,
            owner.cwd or self._directory,
            message.model,
            self._biller(line, message),
            line.requestedModel,
            plain.service_tier,
            plain.speed,
            plain.inference_geo,
            call.output <= _DOUBTED_OUTPUT and _is_placeholder(call),
        )
        like = self._kinds.get(kind)
        if like is None:
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            like = self._kinds[kind] = self._sighting(call)
        else:
            self._tell(conversation, call)
        prompt_id = None if claim is Claim.NAMED_COPY else call.prompt_id
        said_after_ms = call.said_ms - call.at_ms
        return PlainCall(like, message.id, call.at_ms, counts, prompt_id, line.requestId, call.lines, said_after_ms)

    def _sighting(self, call: _Call) -> Sighting:
        line = call.owner
        claim, conversation = self._claim(line)
        self._tell(conversation, call)
        context = CallContext(
            source=Source.LOG,
            started_at_ms=call.at_ms,
            conversation_id=conversation,
            agent_name=self._agent_name,
            agent_version=line.version,
            subagent_id=call.subagent_id,
            prompt_id=None if claim is Claim.NAMED_COPY else call.prompt_id,
            git_branch=line.gitBranch or None,
            project=line.cwd or self._directory,
        )
        return Sighting(
            observation=Observation(response=self._response(call), context=context),
            claim=claim,
            copied_by=self._copied_by(line, conversation),
            request_id=line.requestId,
            ids_may_clash=True,
            said_after_ms=call.said_ms - call.at_ms,
            lines=call.lines,
        )

    def _claim(self, line: AnyLine) -> tuple[Claim, str]:
        own = line.conversation or self._log.path.stem
        origin = _origin(line)
        if origin and origin != own:
            return (Claim.NAMED_COPY if line.requestId is not None else Claim.UNMARKED), origin
        continued = line.isSidechain or line.sessionKind == "bg"
        if line.requestId is None:  # whatever it was copied from may have been a copy, and the earliest made the call
            return (Claim.UNMARKED_CONTINUATION if continued else Claim.UNMARKED), own
        if line.isSidechain and line.sessionKind == "bg":  # its own, or what a side chain before it had made
            return Claim.UNMARKED, own
        return (Claim.CONTINUATION if continued else Claim.ORIGINAL), own

    def _copied_by(self, line: AnyLine, conversation: str) -> str | None:
        own = line.conversation or self._log.path.stem
        return own if own != conversation else None

    def _tell(self, conversation: str, call: _Call) -> None:
        line, leaf = call.owner, call.best.uuid
        facts = (conversation, line.cwd, line.gitBranch)
        if facts not in self._known:
            self._known.add(facts)
            directory = line.cwd or self._directory
            self._log.conversation(conversation, directory=directory, git_branch=line.gitBranch or None)
        if leaf is not None and leaf in self._titles:
            self._log.conversation(conversation, title=self._titles[leaf][0])

    def _response(self, call: _Call) -> ModelResponse:
        line, message = call.best, call.message
        names: dict[str, Any] = {
            "message_id": message.id,
            "model": message.model,
            "provider_name": self._biller(line, message),
            "request_model": line.requestedModel,
        }
        counts = None if call.plain is None else call.plain.counts
        if call.plain is not None and counts is not None:
            known, response = True, call.plain.response(counts, **names)
        else:
            usage = call.usage
            known = _counts_anything(usage)
            response = response_of(_with_cache_split(usage, line.promptCacheRequested) if known else None, **names)
        if known and _is_placeholder(call):
            response = replace(response, complete=False)
        if response.response_id is None:
            response = replace(response, response_id=self._derived_id(call))
        return response

    def _biller(self, line: AnyLine, message: AnyMessage) -> str:
        return self._provider or _provider(message.id or "", line.requestId or "", message.model)

    def _derived_id(self, call: _Call) -> str:
        """For a line without a message id: it is a call of its own, told by its own id, else by all it says."""
        line = call.best
        if line.uuid:
            return f"~{self._agent_name}:{line.uuid}"
        said = (self._claim(call.owner)[1], line.timestamp, call.message.model, sorted(call.usage.items(), key=str))
        return f"~{self._agent_name}:{digest(repr(said).encode(), 12)}"

    def _prompt_line(self, raw: bytes, at: int) -> None:
        found = _PROMPT.match(raw, at)
        self._prompt_id = (found[1].decode() if found else scan_string(raw, b"promptId")) or self._prompt_id
        if self._log.want_prompts:
            conversation = scan_string(raw, b"sessionId")
            if conversation and conversation not in self._log.conversations:
                from codesession.importers.claude_code.lines import prompt_text

                self._log.conversation(conversation, first_prompt=prompt_text(raw))

    def _title_line(self, raw: bytes) -> None:
        """A title by the user beats one by a model; a summary belongs to the conversation that holds its leaf."""
        from codesession.importers.claude_code.lines import decode_title

        line = decode_title(raw)
        if line is None or line.type not in ("custom-title", "ai-title", "summary"):
            return
        if line.type == "summary":
            if line.leafUuid and line.summary:
                self._titles[line.leafUuid] = [line.summary]
            return
        title = line.customTitle or line.aiTitle or line.title
        conversation = line.sessionId or self._log.path.stem
        rank = 2 if line.type == "custom-title" else 1
        if title and rank >= self._log.state.setdefault("title_rank", {}).get(conversation, 0):
            self._log.state["title_rank"][conversation] = rank
            self._log.conversation(conversation, title=title)


_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def _counts_anything(usage: dict[str, Any]) -> bool:
    """No API answers for zero tokens: nothing but zeros is usage that the agent was not told."""
    split = usage.get("cache_creation")
    return any(usage.get(name) for name in _COUNTS) or (isinstance(split, dict) and any(split.values()))


def _origin(line: AnyLine) -> str | None:
    """The conversation that a copied line names."""
    return line.requestSessionId or line.origin


def _output(usage: dict[str, Any] | None) -> int:
    return whole_number((usage or {}).get("output_tokens")) or 0


def _provider(message_id: str, request_id: str, model: str | None) -> str:
    if message_id.startswith("msg_vrtx_") or request_id.startswith("req_vrtx_"):
        return "vertex"
    if message_id.startswith("msg_bdrk_"):
        return "bedrock"
    return biller_of(model, "anthropic")


def _with_cache_split(usage: dict[str, Any], requested: str | None) -> dict[str, Any]:
    """
    Cache writes by time-to-live that fit their total.

    The parts never exceed all writes, and the one-hour part is kept first; without a split the requested
    time-to-live says which it was.
    """
    total, split = whole_number(usage.get("cache_creation_input_tokens")), usage.get("cache_creation")
    if total is None:
        return usage
    if not isinstance(split, dict) or not any(split.values()):
        if requested == "1h" and total:
            return {**usage, "cache_creation": {"ephemeral_1h_input_tokens": total, "ephemeral_5m_input_tokens": 0}}
        return usage
    kept_1h = whole_number(split.get("ephemeral_1h_input_tokens")) or 0
    kept_5m = whole_number(split.get("ephemeral_5m_input_tokens")) or 0
    if kept_1h + kept_5m > total:
        kept_1h = min(kept_1h, total)
        return {
            **usage,
            "cache_creation": {"ephemeral_1h_input_tokens": kept_1h, "ephemeral_5m_input_tokens": total - kept_1h},
        }
    return usage


def _is_placeholder(call: _Call) -> bool:
    """
    Whether the output count is that of the stream's start, so that the true one is higher.

    Old versions write lines before the final count arrives. Newer ones write `stop_details` with it; a small
    count without is a stream that was cut. A count far too small for the text is doubted in any version.
    """
    if call.output <= _PLACEHOLDER and call.best.version is not None:
        version = _version(call.best.version)
        if version is not None and (version < _FLUSHED_FINAL or not call.message.is_final):
            return True
    return call.written > call.output * _CHARS_PER_TOKEN + _SLACK_CHARS and call.output <= _DOUBTED_OUTPUT


def _version(text: str) -> tuple[int, ...] | None:
    parts = text.split("-", 1)[0].split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None
