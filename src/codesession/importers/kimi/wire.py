"""One wire log as calls, in the format of Kimi CLI (`StatusUpdate`) or of Kimi Code (`usage.record`)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.digests import digest
from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, answer
from codesession.importers.documents import child, children, read_side_file
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

STATUS = Layout(
    input="input_other",
    output="output",
    cache_read="input_cache_read",
    cache_write="input_cache_creation",
    cache_inside=False,
    reasoning_inside=True,
)
RECORD = Layout(
    input="inputOther",
    output="output",
    cache_read="inputCacheRead",
    cache_write="inputCacheCreation",
    cache_inside=False,
    reasoning_inside=True,
)
_MAIN = "main"


class Wire:
    """Reads the lines of one log."""

    def __init__(self, log: LogFile, agent_name: str) -> None:
        self._log = log
        self._agent_name = agent_name
        self._session, self._subagent, folder = _place(log.path)
        about = child(read_side_file(folder / "state.json"))
        self._directory = text(about, "workDir") or _hashed_directory(folder)
        self._origin = text(about, "forkedFrom")
        """The session this one is a copy of, up to the moment it was made."""
        self._forked_ms = epoch_ms(about.get("createdAt"))

    def take(self, line: dict[str, Any]) -> Sighting | None:
        """One line; a sighting if it counts a call."""
        message, relayed = child(line, "message"), False
        if message.get("type") == "SubagentEvent":
            message, relayed = child(message, "payload", "event"), True
        if message.get("type") == "StatusUpdate":
            return self._status(line, child(message, "payload"), relayed=relayed)
        if line.get("type") == "llm.request":
            model = text(line, "model", "modelId") or text(child(line, "request"), "model")
            self._log.state["model"] = model or self._log.state.get("model")
        elif line.get("type") == "usage.record":
            return self._record(line)
        return None

    def _status(self, line: dict[str, Any], payload: dict[str, Any], *, relayed: bool) -> Sighting | None:
        """A sub-agent's counts stand in its own log and, relayed, in its parent's."""
        usage = payload.get("token_usage")
        if not isinstance(usage, dict):
            return None
        key = text(payload, "message_id") or self._derived_id(line.get("timestamp"), usage)
        claim = Claim.CONTINUATION if relayed else Claim.ORIGINAL
        return self._sighting(key, STATUS, usage, text(payload, "model"), epoch_ms(line.get("timestamp")), claim)

    def _record(self, line: dict[str, Any]) -> Sighting | None:
        usage = line.get("usage")
        if not isinstance(usage, dict):
            return None
        at = line.get("time", line.get("timestamp"))
        model = self._log.state.get("model") or text(line, "model")
        shared = self._digest((self._subagent, at), usage)
        copied = self._is_copied(epoch_ms(at))
        key, claim = (shared, Claim.NAMED_COPY) if copied else (self._derived_id(at, usage), Claim.ORIGINAL)
        found = self._sighting(key, RECORD, usage, model, epoch_ms(at), claim)
        return None if found is None else replace(found, log_key=shared)

    def _is_copied(self, at_ms: int | None) -> bool:
        if self._origin is None or self._forked_ms is None or at_ms is None:
            return False
        return at_ms < self._forked_ms

    def _derived_id(self, at: object, usage: dict[str, Any]) -> str:
        return self._digest((self._session, self._subagent, at), usage)

    def _digest(self, place: tuple[object, ...], usage: dict[str, Any]) -> str:
        facts = (*place, sorted(usage.items(), key=str))
        return f"~{self._agent_name}:{digest(repr(facts).encode(), 12)}"

    def _sighting(
        self, key: str, layout: Layout, usage: dict[str, Any], model: str | None, at_ms: int | None, claim: Claim
    ) -> Sighting | None:
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return None
        self._log.first_ms = self._log.first_ms or at_ms
        copied = claim is Claim.NAMED_COPY
        conversation = (self._origin if copied else None) or self._session
        self._log.conversation(conversation, directory=self._directory)
        response = answer(
            layout.read(usage), provider_name=biller_of(model, "moonshot"), api="kimi", key=key, model=model
        )
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            conversation_id=conversation,
            agent_name=self._agent_name,
            subagent_id=self._subagent,
            project=self._directory,
        )
        observation = Observation(response=response, context=context)
        return Sighting(
            observation=observation,
            claim=claim,
            copied_by=self._session if copied else None,
            ids_may_clash=response.usage is not None,
        )


def _place(path: Path) -> tuple[str, str | None, Path]:
    """The session a log belongs to, the sub-agent that wrote it, and the session's folder."""
    folder = path.parent
    if folder.parent.name in ("agents", "subagents"):
        agent = folder.name if folder.name != _MAIN else None
        return folder.parent.parent.name, agent, folder.parent.parent
    return folder.name, None, folder


def _hashed_directory(folder: Path) -> str | None:
    """Kimi CLI's project folder is the MD5 of a directory that `kimi.json` knows."""
    for entry in children(read_side_file(folder.parent.parent.parent / "kimi.json"), "work_dirs"):
        path = text(entry, "path") or ""
        if hashlib.md5(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest() == folder.parent.name:
            return path
    return None
