"""
One chat as calls.

Since answers are reported as telemetry, every usage stands in the file twice: with the API's id in the report, and
without in the message that follows it. The reports count; messages count where no report came yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, answer
from codesession.importers.documents import child
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text, whole_number

if TYPE_CHECKING:
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


class Chat:
    """Reads the lines of one chat; what must wait for a report stays pending until `rest`."""

    def __init__(self, log: LogFile, agent_name: str) -> None:
        self._log = log
        self._agent_name = agent_name
        self._pending: list[tuple[dict[str, Any], Sighting]] = []

    def line(self, line: dict[str, Any]) -> Iterator[Sighting]:
        """One line: a report, a message, or neither."""
        if self._log.first_ms is None:
            self._log.first_ms = epoch_ms(line.get("timestamp"))
        event = child(line, "systemPayload", "uiEvent")
        if str(event.get("event.name", "")).endswith(".api_response"):
            yield from self._report(line, event)
        elif line.get("type") == "assistant" and isinstance(line.get("usageMetadata"), dict):
            self._message(line)

    def rest(self) -> Iterator[Sighting]:
        """Messages of versions that do not report."""
        for _, sighting in self._pending:
            yield sighting
        self._pending.clear()

    def _report(self, line: dict[str, Any], event: dict[str, Any]) -> Iterator[Sighting]:
        self._log.state["reports"] = True
        if self._pending and _counts(self._pending[-1][0]) == _counts_reported(event):
            self._pending.pop()
        yield from self.rest()
        response = answer(
            REPORT.read(event),
            provider_name=biller_of(text(event, "model"), "alibaba"),
            api=_APIS.get(str(event.get("auth_type")), _GEMINI),
            key=text(event, "response_id") or self._derived_id(line),
            model=text(event, "model"),
        )
        sighting = self._sighting(line, event.get("event.timestamp"), Observed(response, event))
        if sighting is not None:
            yield sighting
