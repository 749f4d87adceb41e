"""
One session's running totals as what they gained since they were last looked at.

The totals have no time and a session may change its model: the gain is booked at the time of the last answer, for
the model of the moment. It is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls
from codesession.importers.documents import child, children, decode_object, read_document, read_side_file
from codesession.importers.jsonl import open_log
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, Totals
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="inputTokens",
    output="outputTokens",
    cache_read="cacheReadTokens",
    cache_write="cacheCreationTokens",
    reasoning="thinkingTokens",
    cache_inside=False,
    reasoning_inside=True,
)
_CUSTOM = "custom:"


@dataclass(slots=True)
class _Story:
    """What the transcript beside the totals tells."""

    directory: str | None = None
    title: str | None = None
    parent: str | None = None
    first_ms: int | None = None
    last_ms: int | None = None
    answers: list[int] | None = None
    """Times of the answers, in milliseconds."""


def gained(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """What the totals of a session gained since the last pass."""
    settings = read_document(log)
    if not isinstance(settings, dict):
        return
    session = log.path.name.removesuffix(".settings.json")
    reading = LAYOUT.read(child(settings, "tokenUsage"))
    if reading.usage is None:
        return
    added = Totals(log.state.setdefault("totals", {}), log.booked).added(session, reading.usage)
    if added is None:
        return
    story = _story(log.path.with_name(f"{session}.jsonl"))
    at_ms = story.last_ms or epoch_ms(settings.get("providerLockTimestamp")) or _modified_ms(log.path)
    log.first_ms = story.first_ms or at_ms
    log.conversation(session, title=story.title, directory=story.directory, parent=story.parent)
    model, provider = _model(log.path, text(settings, "model"), text(settings, "providerLock"))
    since = log.state.get("until_ms", 0)
    log.state["until_ms"] = at_ms
    response = answer(
        Reading(usage=added.usage, mismatch=reading.mismatch, warnings=reading.warnings),
        provider_name=named_biller(provider, model),
        api="droid.session_total",
        key=f"~{agent_name}:{session}:{added.step}",
        model=model,
        complete=False,
        parts=cut_into_calls(added.usage, sum(answered > since for answered in story.answers or ())),
        warnings=(ESTIMATE,),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=session,
        agent_name=agent_name,
        subagent_id=session if story.parent else None,
        project=story.directory,
    )
    yield Sighting(observation=Observation(response=response, context=context), books=added.books)


def _story(path: Path) -> _Story:
    """The transcript; an unreadable one tells nothing, the totals count all the same."""
    story = _Story(answers=[])
    try:
        with open_log(path) as file:
            for line in file:
                entry = decode_object(line.strip(b" \t\r\n\x00")) or {}
                if entry.get("type") == "session_start":
                    _start(story, entry)
                elif entry.get("type") == "message":
                    _message(story, entry)
    except OSError:  # totals without a transcript: a session that was cleaned up in part
        return story
    return story


def _start(story: _Story, entry: dict[str, Any]) -> None:
    story.directory = text(entry, "cwd")
    story.parent = text(entry, "callingSessionId", "parentSessionId")
    if entry.get("isSessionTitleManuallySet") is True:
        story.title = text(entry, "sessionTitle", "title")


def _message(story: _Story, entry: dict[str, Any]) -> None:
    at_ms = epoch_ms(entry.get("timestamp"))
    if at_ms is None:
        return
    story.first_ms = story.first_ms or at_ms
    story.last_ms = max(at_ms, story.last_ms or 0)
    if child(entry, "message").get("role") == "assistant" and story.answers is not None:
        story.answers.append(at_ms)


def _model(path: Path, model: str | None, provider: str | None) -> tuple[str | None, str | None]:
    """The model behind a name like `custom:My-Model-0`, by `customModels` in the agent's own settings."""
    if model is None or not model.startswith(_CUSTOM):
        return model, provider
    name = model.removeprefix(_CUSTOM)
    for folder in list(path.parents)[1:4]:
        for index, custom in enumerate(children(read_side_file(folder / "settings.json"), "customModels")):
            shown = (text(custom, "displayName", "model") or "").replace(" ", "-")
            if text(custom, "id") == model or name == f"{shown}-{custom.get('index', index)}":
                return text(custom, "model") or model, text(custom, "provider") or provider
    return model, provider


def _modified_ms(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000_000
