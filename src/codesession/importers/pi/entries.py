"""
The entries of a session tree, as pi and OpenClaw write them: a header, then messages and remarks.

An assistant message is one answer of the API. Forks copy entries word for word under a new header: an answer
older than its header was made by the session that the header names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesession.domain.digests import digest
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="input",
    output="output",
    cache_read="cacheRead",
    cache_write="cacheWrite",
    cache_write_1h="cacheWrite1h",
    reasoning="reasoning",
    total="totalTokens",
    cache_inside=False,
    reasoning_inside=True,
)
_APIS = {
    "anthropic-messages": "anthropic.messages",
    "openai-completions": "openai.chat",
    "openai-responses": "openai.responses",
    "openai-codex-responses": "openai.responses",
    "google-generative-ai": "gemini.generate_content",
    "google-vertex": "gemini.generate_content",
    "bedrock-converse-stream": "bedrock.converse",
}
_SUMMARIES = ("compaction", "branch_summary")
"""Entries that a further call of the model wrote; newer versions note its usage."""
_ASIDE = "usage"
"""Entries for calls that wrote nothing, as those that keep a cache warm; they name their model."""
_CUT = ("aborted", "error")
_INTERNAL = frozenset({"openclaw"})
"""Providers of messages that no model wrote: deliveries, notices of the gateway."""
_DRAWN = re.compile(r"chatcmpl-\d{1,3}|resp_\d{1,6}")
"""Ids that Ollama draws at random: no identity, the first thousand calls have many of them twice."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(slots=True)
class _Story:
    """What earlier entries said, kept between passes."""

    conversation: str | None = None
    began_ms: int | None = None
    directory: str | None = None
    origin: str | None = None
    """The session this one was forked from."""
    provider: str | None = None
    model: str | None = None


class Tree:
    """Reads the entries of one session in order; `fallback` names the session where no header does."""

    def __init__(
        self,
        log: LogFile,
        agent_name: str,
        state: dict[str, Any] | None = None,
        *,
        fallback: str | None = None,
        parent: str | None = None,
        origin: str | None = None,
        copies_are_stamped: bool = False,
    ) -> None:
        self._log = log
        self._agent_name = agent_name
        self._story = _Story(**(state or {}))
        self._fallback = fallback or log.path.name.split(".jsonl", 1)[0]
        self._parent = parent
        self._copies_are_stamped = copies_are_stamped
        """Copies of entries have their own time: only that of the answer is the original's."""
        self._story.origin = self._story.origin or origin

    @property
    def conversation(self) -> str:
        """The session's id."""
        return self._story.conversation or self._fallback

    @property
    def began_ms(self) -> int | None:
        """When the session was made, as its header says."""
        return self._story.began_ms

    def state(self) -> dict[str, Any]:
        """What the next pass needs."""
        return {name: getattr(self._story, name) for name in _Story.__slots__}

    def take(self, entry: dict[str, Any]) -> Sighting | None:
        """One entry; a sighting if it is an answer of a model."""
        kind = entry.get("type")
        if kind == "session":
            self._header(entry)
        elif kind == "model_change":
            self._story.provider = text(entry, "provider") or self._story.provider
            self._story.model = text(entry, "modelId") or self._story.model
        elif kind == "session_info":
            self._log.conversation(self.conversation, title=text(entry, "name"))
        elif kind == "message" and child(entry, "message").get("role") == "assistant":
            return self._answer(entry, child(entry, "message"))
        elif kind == _ASIDE:
            return self._aside(entry)
        elif kind in _SUMMARIES and isinstance(entry.get("usage"), dict):
            return self._answer(entry, {"usage": entry["usage"], "timestamp": entry.get("timestamp")})
        return None

    def _aside(self, entry: dict[str, Any]) -> Sighting | None:
        """A call beside the conversation, whose model stays what it was."""
        story = self._story
        named = story.provider, story.model
        sighting = self._answer(entry, {name: entry.get(name) for name in ("usage", "provider", "model", "timestamp")})
        story.provider, story.model = named
        return sighting

    def _header(self, entry: dict[str, Any]) -> None:
        story = self._story
        story.conversation = text(entry, "id") or story.conversation
        story.began_ms = epoch_ms(entry.get("timestamp"))
        story.directory = text(entry, "cwd") or story.directory
        story.origin = _session_of(text(entry, "parentSession", "branchedFrom")) or story.origin
        if self._log.first_ms is None:
            self._log.first_ms = story.began_ms

    def _answer(self, entry: dict[str, Any], message: dict[str, Any]) -> Sighting | None:
        usage = message.get("usage")
        if not isinstance(usage, dict):
            return None
        story = self._story
        story.provider = text(message, "provider") or story.provider
        story.model = text(message, "model") or story.model
        reading = LAYOUT.read(usage)
        if reading.usage is None and (message.get("stopReason") == "error" or story.provider in _INTERNAL):
            return None
        at_ms = epoch_ms(message.get("timestamp")) or epoch_ms(entry.get("timestamp"))
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return None
        claim, conversation = self._claim(at_ms)
        parent = self._parent if conversation == self.conversation else None
        self._log.conversation(conversation, directory=story.directory, parent=parent)
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            conversation_id=conversation,
            agent_name=self._agent_name,
            subagent_id=conversation if parent else None,
            prompt_id=text(child(message, "__openclaw"), "runId"),
            project=story.directory,
        )
        response = self._response(entry, message, reading)
        observation = Observation(response=response, context=context)
        named = _api_id(message) is not None
        return Sighting(
            observation=observation,
            claim=claim,
            ids_may_clash=named and reading.usage is not None,
            log_key=None if named or text(entry, "id") is None else self._plain_id(entry, message),
        )

    def _claim(self, at_ms: int) -> tuple[Claim, str]:
        story = self._story
        if story.began_ms is None or at_ms >= story.began_ms:
            return Claim.ORIGINAL, self.conversation
        if story.origin is not None:
            return Claim.NAMED_COPY, story.origin
        return Claim.UNMARKED, self.conversation

    def _response(self, entry: dict[str, Any], message: dict[str, Any], reading: Reading) -> ModelResponse:
        provider, model = self._story.provider, self._story.model
        api = text(message, "api") or "unknown"
        return answer(
            reading,
            provider_name=named_biller(provider, model),
            api=_APIS.get(api, api),
            key=_api_id(message) or self._derived_id(entry, message),
            model=text(message, "responseModel") or model,
            request_model=model,
            agent_cost=child(message, "usage", "cost").get("total"),
            complete=message.get("stopReason") not in _CUT,
        )

    def _derived_id(self, entry: dict[str, Any], message: dict[str, Any]) -> str:
        """Entry ids are short in pi and repeat between sessions; with the time of the answer they do not."""
        at = message.get("timestamp") or entry.get("timestamp")
        entry_id = text(entry, "id")
        if entry_id is not None and self._copies_are_stamped and message.get("timestamp") is None:
            return f"~{self._agent_name}:{entry_id}"
        if entry_id is not None:
            return f"~{self._agent_name}:{entry_id}:{at}"
        return self._plain_id(entry, message)

    def _plain_id(self, entry: dict[str, Any], message: dict[str, Any]) -> str:
        """What an answer had before entries had ids: newer versions give them some when they go on with a session."""
        at = message.get("timestamp") or entry.get("timestamp")
        facts = (at, self._story.model, sorted(message.get("usage", {}).items(), key=str))
        return f"~{self._agent_name}:{digest(repr(facts).encode(), 12)}"


def _api_id(message: dict[str, Any]) -> str | None:
    """The API's id of an answer, if it is one that no other call has."""
    named = text(message, "responseId")
    return None if named is None or _DRAWN.fullmatch(named) else named


def _session_of(reference: str | None) -> str | None:
    """The session's id in a path like `…/<time>_<uuid>.jsonl`, or a plain id."""
    if reference is None:
        return None
    stem = re.split(r"[/\\]", reference)[-1].split(".jsonl", 1)[0]
    found = _UUID.search(stem)
    return found[0] if found else stem or None
