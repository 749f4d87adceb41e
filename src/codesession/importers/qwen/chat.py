"""
One chat as calls.

Since answers are reported as telemetry, every usage stands in the file twice: with the API's id in the report, and
without in the message beside it. Reports count. Messages count before the first report: a version that did not report
wrote them, except for those that the first reports came just after, which are the same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, answer
from codesession.importers.documents import child, read_document
from codesession.importers.gemini import chat as gemini
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text, whole_number

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse
    from codesession.importers.base import LogFile

REPORT = Layout(
    input="input_token_count",
    output="output_token_count",
    cache_read="cached_content_token_count",
    reasoning="thoughts_token_count",
    tool_input="tool_token_count",
    total="total_token_count",
    cache_inside=True,
    reasoning_inside=True,
)
MESSAGE = Layout(
    input="promptTokenCount",
    output="candidatesTokenCount",
    cache_read="cachedContentTokenCount",
    reasoning="thoughtsTokenCount",
    tool_input="toolUsePromptTokenCount",
    total="totalTokenCount",
    cache_inside=True,
    reasoning_inside=True,
)
_APIS = {"openai": "openai.chat", "qwen-oauth": "openai.chat", "anthropic": "anthropic.messages"}
_GEMINI = "gemini.generate_content"
_BILLER = "alibaba"
"""Who bills where the model does not tell."""
_TOGETHER_MS = 5_000
"""A message and its report were seen milliseconds apart; no version is replaced by another so quickly."""
_WAITING = 8
"""The last messages without a report, which may follow them."""


class Chat:
    """Reads the lines of one chat."""

    def __init__(self, log: LogFile, agent_name: str) -> None:
        self._log = log
        self._agent_name = agent_name
        self._unreported: list[list[Any]] = log.state.setdefault("unreported", [])
        """Of the last messages without a report: time, prompt and output, identity."""

    def line(self, line: dict[str, Any]) -> Iterator[Sighting]:
        """One line: a report, a message, or neither."""
        if self._log.first_ms is None:
            self._log.first_ms = epoch_ms(line.get("timestamp"))
        event = child(line, "systemPayload", "uiEvent")
        if str(event.get("event.name", "")).endswith(".api_response"):
            yield from self._report(line, event)
        elif line.get("type") == "assistant" and isinstance(line.get("usageMetadata"), dict):
            yield from self._message(line)

    def _report(self, line: dict[str, Any], event: dict[str, Any]) -> Iterator[Sighting]:
        self._log.state["reports"] = True
        response = answer(
            REPORT.read(event),
            provider_name=biller_of(text(event, "model"), _BILLER),
            api=_APIS.get(str(event.get("auth_type")), _GEMINI),
            key=text(event, "response_id") or self._derived_id(line),
            model=text(event, "model"),
        )
        at_ms = epoch_ms(event.get("event.timestamp")) or epoch_ms(line.get("timestamp"))
        sighting = self._sighting(line, response, at_ms, event)
        if sighting is not None:
            tells = response.usage is not None and response.api != _APIS["anthropic"]  # which counts cache writes apart
            yield replace(sighting, log_key=self._reported(sighting), ids_may_clash=tells)

    def _reported(self, report: Sighting) -> str | None:
        """The identity of the message that stood before its report: the one with the same counts, else the nearest."""
        at_ms, *counts, _ = _told(report)
        near = [message for message in self._unreported if abs(message[0] - at_ms) <= _TOGETHER_MS]
        if not near:
            return None
        found = min(near, key=lambda message: (message[1:-1] != counts, abs(message[0] - at_ms)))
        self._unreported.remove(found)
        key: str = found[-1]
        return key

    def _message(self, line: dict[str, Any]) -> Iterator[Sighting]:
        if self._log.state.get("reports"):
            return
        model = text(line, "model")
        response = answer(
            MESSAGE.read(child(line, "usageMetadata")),
            provider_name=biller_of(model, _BILLER),
            api=_GEMINI,
            key=self._derived_id(line),
            model=model,
        )
        sighting = self._sighting(line, response, epoch_ms(line.get("timestamp")), {})
        if sighting is not None:
            self._unreported.append(_told(sighting))
            del self._unreported[:-_WAITING]
            yield sighting if sighting.copied_by else replace(sighting, claim=Claim.CONTINUATION)

    def _derived_id(self, line: dict[str, Any]) -> str:
        own = text(line, "uuid") or f"{self._conversation(line)}:{line.get('timestamp')}"
        return f"~{self._agent_name}:{own}"

    def _conversation(self, line: dict[str, Any]) -> str:
        return text(line, "sessionId") or self._log.path.stem

    def _sighting(
        self, line: dict[str, Any], response: ModelResponse, at_ms: int | None, event: dict[str, Any]
    ) -> Sighting | None:
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return None
        own = self._conversation(line)
        conversation = text(child(line, "forkedFrom"), "sessionId") or own
        directory, branch = text(line, "cwd"), text(line, "gitBranch")
        self._log.conversation(conversation, directory=directory, git_branch=branch)
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            duration_ms=whole_number(event.get("duration_ms")),
            conversation_id=conversation,
            agent_name=self._agent_name,
            agent_version=text(line, "version"),
            subagent_id=text(event, "subagent_id", "agent_id"),
            prompt_id=text(event, "prompt_id"),
            git_branch=branch,
            project=directory,
        )
        observation = Observation(response=response, context=context)
        if conversation == own:
            return Sighting(observation=observation)
        return Sighting(observation=observation, claim=Claim.NAMED_COPY, copied_by=own)


def from_document(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a chat that is one JSON object, as versions wrote it that had it from Gemini CLI."""
    chat = gemini.Chat(log, agent_name, None, biller=_BILLER)
    document = read_document(log)
    if isinstance(document, dict):
        chat.document(document)
    return chat.calls()


def _told(sighting: Sighting) -> list[Any]:
    response = sighting.observation.response
    counts = (response.usage.input_tokens, response.usage.output_tokens) if response.usage is not None else (0, 0)
    return [sighting.observation.context.started_at_ms, *counts, response.response_id]
