"""
One task of an editor extension as calls: its `api_req_started` messages.

The extension writes a message when it asks the API and fills the counts in when the answer is there. Model and
directory stand in files beside it, or in what the extension told the model about its surroundings.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child, children, decode_object, read_document, read_side_file
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text, whole_number

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

APART = Layout(
    input="tokensIn",
    output="tokensOut",
    cache_read="cacheReads",
    cache_write="cacheWrites",
    cache_inside=False,
    reasoning_inside=True,
)
INSIDE = replace(APART, cache_inside=True)
_CALL, _SUBAGENTS = "api_req_started", "subagent_usage"
_SUM = "the sum of sub-agents' calls: single calls, and their place in long-context bands, are not known"
_AS_IT_CAME = frozenset(
    ("doubao", "fireworks", "hicap", "litellm", "lmstudio", "openai", "qwen", "requesty", "xai", "zai")
)
"""Cline's names of providers whose prompt is written with what the cache had of it."""
_ELSEWHERE = ("cline", "claude-code")
"""An extension, and its provider that is another agent's command line, whose own log tells every call."""
_NEVER_MS = 1 << 62
_RELEASES = {
    "roo": int(datetime(2025, 11, 1, tzinfo=UTC).timestamp() * 1000),
    "kilo-code": int(datetime(2025, 11, 12, tzinfo=UTC).timestamp() * 1000),
}
"""When Roo Code 3.29.5 and Kilo Code 4.119.0 came out."""
_MODEL = re.compile(r"#\s*Current\s+Mode.{0,400}?<model>\s*([^<>\s][^<>]*?)\s*</model>", re.DOTALL)
_DIRECTORY = re.compile(r"# Current (?:Workspace|Working) Directory \((.+?)\)(?: Files|\n|$)")
_SLACK_MS = 5_000
"""The prompt that names the model is written this much after the call's message at most."""


@dataclass(slots=True)
class _Surroundings:
    """What stands beside a task's messages."""

    directory: str | None = None
    version: str | None = None
    parent: str | None = None
    models: list[tuple[int, str, str | None]] = field(default_factory=list)
    """From when on which model of which provider was used."""

    def model_at(self, at_ms: int) -> tuple[str | None, str | None]:
        """Model and provider at a moment: the last one named before, else the first."""
        if not self.models:
            return None, None
        position = bisect_right(self.models, at_ms + _SLACK_MS, key=lambda entry: entry[0])
        _, model, provider = self.models[max(0, position - 1)]
        return model, provider


def calls(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a task."""
    messages = read_document(log)
    if not isinstance(messages, list):
        return
    task = log.path.parent.name
    around = _surroundings(log.path.parent)
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict) or message.get("say") not in (_CALL, _SUBAGENTS):
            continue
        request, at_ms = decode_object(text(message, "text")), epoch_ms(message.get("ts"))
        if request is None or at_ms is None:
            log.bad_line("a request that cannot be read", number)
            continue
        model, provider = _biller(message, request, around, at_ms)
        if (agent_name, provider) == _ELSEWHERE:
            continue
        reading = _layout(request, provider, _RELEASES.get(agent_name, _NEVER_MS), at_ms).read(request)
        if reading.usage is None and request.get("cancelReason") != "user_cancelled":
            continue
        if around.directory is None:
            around.directory = _found(_DIRECTORY, text(request, "request"))
        log.first_ms = log.first_ms or at_ms
        log.conversation(task, directory=around.directory, parent=around.parent)
        found = _sighting(agent_name, task, request, at_ms, reading, around, model, provider)
        yield _summed(found) if message["say"] == _SUBAGENTS else found


def _summed(found: Sighting) -> Sighting:
    """What sub-agents used together, as the task was told when they had ended."""
    response = found.observation.response
    response = replace(response, complete=False, warnings=(*response.warnings, _SUM))
    return replace(found, observation=replace(found.observation, response=response))


def _layout(request: dict[str, Any], provider: str | None, since_ms: int, at_ms: int) -> Layout:
    """
    Whether the prompt's count holds the cache; where it is smaller than the cache it cannot.

    It does on the OpenAI wire, if the extension says which it was, and of some providers whose count was passed on
    as it came. `since_ms`: from then on the extension wrote the whole prompt whatever the wire.
    """
    cached = sum(whole_number(request.get(name)) or 0 for name in ("cacheReads", "cacheWrites"))
    if cached > (whole_number(request.get("tokensIn")) or 0):
        return APART
    wire = text(request, "apiProtocol")
    inside = provider in _AS_IT_CAME if wire is None else wire == "openai"
    return INSIDE if inside or at_ms >= since_ms else APART


def _biller(
    message: dict[str, Any], request: dict[str, Any], around: _Surroundings, at_ms: int
) -> tuple[str | None, str | None]:
    """Model and provider of a request, as the extension names them."""
    named = child(message, "modelInfo")
    model, provider = text(named, "modelId"), text(named, "providerId")
    if model is None:
        model, provider = around.model_at(at_ms)
    if model is None:
        model = _found(_MODEL, text(request, "request"))
    return model, provider or text(request, "inferenceProvider")


def _sighting(
    agent_name: str,
    task: str,
    request: dict[str, Any],
    at_ms: int,
    reading: Reading,
    around: _Surroundings,
    model: str | None,
    provider: str | None,
) -> Sighting:
    response = answer(
        reading,
        provider_name=named_biller(provider, model),
        api="openai.chat" if request.get("apiProtocol") == "openai" else "unknown",
        key=f"~{agent_name}:{task}:{at_ms}",
        model=model,
        agent_cost=request.get("cost"),
        complete=not request.get("cancelReason"),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=task,
        agent_name=agent_name,
        agent_version=around.version,
        subagent_id=task if around.parent else None,
        project=around.directory,
    )
    return Sighting(observation=Observation(response=response, context=context))


def _surroundings(folder: Path) -> _Surroundings:
    metadata = read_side_file(folder / "task_metadata.json")
    item = child(read_side_file(folder / "history_item.json"))
    versions = [text(entry, "cline_version") for entry in children(metadata, "environment_history")]
    around = _Surroundings(
        directory=text(item, "workspace", "cwdOnTaskInitialization"),
        parent=text(item, "parentTaskId"),
        version=next((version for version in reversed(versions) if version), None),
    )
    for usage in children(metadata, "model_usage"):
        at_ms, model = epoch_ms(usage.get("ts")), text(usage, "model_id")
        if at_ms is not None and model is not None:
            around.models.append((at_ms, model, text(usage, "model_provider_id")))
    if not around.models or around.directory is None:
        _from_prompts(folder, around)
    around.models.sort(key=lambda entry: entry[0])
    return around


def _from_prompts(folder: Path, around: _Surroundings) -> None:
    """Model and directory as the extension told them to the model, with every prompt."""
    history = read_side_file(folder / "api_conversation_history.json")
    named = bool(around.models)
    for entry in history if isinstance(history, list) else ():
        if not isinstance(entry, dict) or entry.get("role") != "user":
            continue
        for told in _texts(entry.get("content")):
            around.directory = around.directory or _found(_DIRECTORY, told)
            model, at_ms = _found(_MODEL, told), epoch_ms(entry.get("ts"))
            if not named and model is not None:
                around.models.append((at_ms or 0, model, None))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (block["text"] for block in content if isinstance(block, dict) and text(block, "text"))


def _found(pattern: re.Pattern[str], told: str | None) -> str | None:
    found = pattern.search(told) if told else None
    return found[1].strip() if found else None
