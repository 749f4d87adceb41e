"""One session of Cline's command line as calls: its assistant messages with metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.digests import digest
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child, children, read_document, read_side_file
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text, whole_number

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

APART = Layout(
    input="inputTokens",
    output="outputTokens",
    cache_read="cacheReadTokens",
    cache_write="cacheWriteTokens",
    cache_inside=False,
    reasoning_inside=True,
)
INSIDE = replace(APART, cache_inside=True)
_SUFFIX = ".messages.json"
_TEAM_TASK = "__teamtask__"
"""In the id of a team member's session: the leading session, this, the member, and a name of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What a session's two files say about all its calls."""

    session: str
    parent: str | None
    directory: str | None
    git_branch: str | None
    version: str | None
    title: str | None
    provider: str | None
    model: str | None
    origin: str | None
    """The session this one was forked from."""
    forked_ms: int
    """What is older was copied from there."""
    imported_ms: int
    """What is older was done by another agent, whose own log tells it."""

    def copied(self, at_ms: int) -> bool:
        """Whether a message of a moment was copied from where the session was forked."""
        return self.origin is not None and at_ms < self.forked_ms

    def conversation(self, at_ms: int) -> str:
        """The session that made a message of a moment."""
        return self.origin if self.origin is not None and self.copied(at_ms) else self.session


def calls(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a session."""
    document = read_document(log)
    whole = {"messages": document} if isinstance(document, list) else child(document)
    scene = _scene(log.path, whole)
    for number, message in enumerate(children(whole, "messages"), 1):
        metrics = message.get("metrics")
        if message.get("role") != "assistant" or not isinstance(metrics, dict):
            continue
        at_ms = epoch_ms(message.get("ts"))
        if at_ms is None:
            log.bad_line("a call without a time", number)
            continue
        if at_ms < scene.imported_ms:
            continue
        log.first_ms = log.first_ms or at_ms
        own = not scene.copied(at_ms)
        log.conversation(
            scene.conversation(at_ms),
            title=scene.title if own else None,
            directory=scene.directory,
            git_branch=scene.git_branch,
            parent=scene.parent if own else None,
        )
        yield _sighting(agent_name, scene, message, _layout(metrics).read(metrics), at_ms)


def _biller(scene: _Scene, message: dict[str, Any]) -> tuple[str | None, str | None]:
    """Provider and model of an answer, as the user's configuration names them."""
    named = child(message, "modelInfo")
    return text(named, "provider") or scene.provider, text(named, "id") or scene.model


def _layout(metrics: dict[str, Any]) -> Layout:
    """The prompt's count holds the cache, on every wire; where it is smaller than the cache it cannot."""
    cached = sum(whole_number(metrics.get(name)) or 0 for name in ("cacheReadTokens", "cacheWriteTokens"))
    return INSIDE if cached <= (whole_number(metrics.get("inputTokens")) or 0) else APART


def _scene(path: Path, whole: dict[str, Any]) -> _Scene:
    name = path.name.removesuffix(_SUFFIX)
    session = text(whole, "sessionId") or name
    about = child(read_side_file(path.with_name(f"{name}.json")))
    if not about:
        about = child(read_side_file(path.with_name(f"{path.parent.name}.json")))
    origin, metadata = child(whole, "origin"), child(about, "metadata")
    parent = text(origin, "parentThreadId", "parentSessionId") or text(about, "parent_session_id")
    if parent is None and name != path.parent.name and session != text(about, "session_id"):
        parent = text(about, "session_id")
    title, prompt = text(metadata, "title"), text(about, "prompt") or ""
    fork, imported = child(metadata, "fork"), child(metadata, "importedFrom")
    return _Scene(
        session=session,
        parent=parent if parent != session else None,
        directory=text(about, "cwd", "workspace_root"),
        git_branch=text(child(metadata, "git"), "branch"),
        version=text(origin, "version") or text(child(metadata, "sessionHistoryOrigin"), "version"),
        title=title if title and not prompt.startswith(title.rstrip("….")) else None,
        provider=text(about, "provider"),
        model=text(about, "model"),
        origin=text(fork, "forkedFromSessionId"),
        forked_ms=epoch_ms(fork.get("forkedAt")) or 0,
        imported_ms=epoch_ms(imported.get("importedAt")) or 0,
    )


def _sighting(agent_name: str, scene: _Scene, message: dict[str, Any], reading: Reading, at_ms: int) -> Sighting:
    provider, model = _biller(scene, message)
    said = digest(repr((at_ms, model, reading.usage)).encode("utf-8", "replace"), 12)
    shared, copied = f"~{agent_name}:{said}", scene.copied(at_ms)
    own = f"{scene.session}:{text(message, 'id') or at_ms}"
    if _TEAM_TASK in scene.session:  # a run that goes on with another one repeats its messages
        own = f"{scene.session.rpartition('__')[0]}:{said}"
    response = answer(
        reading,
        provider_name=named_biller(provider, model),
        api="cline",
        key=shared if copied else f"~{agent_name}:{own}",
        model=model,
        agent_cost=child(message, "metrics").get("cost"),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=scene.conversation(at_ms),
        agent_name=agent_name,
        agent_version=scene.version,
        subagent_id=scene.session if scene.parent and not copied else None,
        git_branch=scene.git_branch,
        project=scene.directory,
    )
    return Sighting(
        observation=Observation(response=response, context=context),
        claim=Claim.NAMED_COPY if copied else Claim.ORIGINAL,
        copied_by=scene.session if copied else None,
        log_key=shared,
    )
