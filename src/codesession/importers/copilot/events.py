"""
A session's events as calls: one `session.usage_record` per answer, with the API's id.

Versions without such records only sum up when they shut down: their totals are used where nothing else shows
the calls, also when a version with records goes on with the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import named_biller
from codesession.importers.copilot.calls import EVENT, LogKeys, api_of, biller, reported_usd
from codesession.importers.counts import Reading, answer, cut_into_calls
from codesession.importers.documents import child, objects
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, Added, Totals
from codesession.providers.counting import exact_decimal, text, whole_number

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse
    from codesession.importers.base import LogFile
    from codesession.importers.copilot.relatives import Relatives

_NEEDLES = (b'"session.', b'"assistant.usage"')
_CHECKPOINT = "session.usage_checkpoint"
_RECORDS = ("session.usage_record", "assistant.usage")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Where the session is when a call is made."""

    session: str
    directory: str | None = None
    git_branch: str | None = None
    version: str | None = None


def calls(log: LogFile, agent_name: str, relatives: Relatives) -> Iterator[Sighting]:
    """The calls of a file of events."""
    reader = _Events(log, agent_name)
    for event in objects(log, *_NEEDLES):
        sighting = reader.take(event)
        if sighting is not None:
            yield sighting
    if reader.has_totals:
        yield from reader.shutdowns(_stored_since(log, relatives, reader.session))


def _stored_since(log: LogFile, relatives: Relatives, session: str) -> int | None:
    """Since when a database shows the calls of a session, or did so once: what was imported from there stays."""
    known = (relatives.stored_since_ms(session), log.state.get("stored_since"))
    since: int | None = min((at_ms for at_ms in known if at_ms is not None), default=None)
    log.state["stored_since"] = since
    return since


class _Events:
    """Reads events in order."""

    def __init__(self, log: LogFile, agent_name: str) -> None:
        self._log = log
        self._agent_name = agent_name
        folder = log.path.parent.name
        self._scene = _Scene(session=folder if log.path.stem == "events" else log.path.stem)
        self._shutdowns: list[tuple[int, int, _Scene, dict[str, Any]]] = []
        self._run = 0
        """How often the totals began anew."""
        self._resumed = False
        """Since the last shutdown."""
        self._is_restored = False
        """Whether a version wrote this that takes its totals up again when it resumes a session."""
        self._has_records = False
        self._logged = LogKeys(agent_name)

    @property
    def session(self) -> str:
        """The session's id."""
        return self._scene.session

    @property
    def has_totals(self) -> bool:
        """Whether there are calls that no record shows."""
        return bool(self._shutdowns)

    def take(self, event: dict[str, Any]) -> Sighting | None:
        """One event; a sighting if it is the record of a call."""
        kind, data = event.get("type"), child(event, "data")
        at_ms = epoch_ms(event.get("timestamp"))
        if self._log.first_ms is None:
            self._log.first_ms = at_ms
        if kind in _RECORDS:
            usage = child(data, "usage") if kind == "session.usage_record" else data
            return self._record(event, usage, at_ms)
        if kind == "session.shutdown" and at_ms is not None:
            self._shut_down(at_ms, child(data, "modelMetrics"))
            return None
        self._resumed = self._resumed or kind == "session.resume"
        self._is_restored = self._is_restored or kind == _CHECKPOINT
        self._move(data)
        return None

    def _shut_down(self, at_ms: int, metrics: dict[str, Any]) -> None:
        self._run += self._resumed and not self._is_restored
        self._resumed = False
        if not self._has_records:
            self._shutdowns.append((at_ms, self._run, self._scene, metrics))

    def _move(self, data: dict[str, Any]) -> None:
        """`session.start`, `session.resume` and changes of the context name the place."""
        place = child(data, "context") or data
        scene = self._scene
        self._scene = _Scene(
            session=text(data, "sessionId") or scene.session,
            directory=text(place, "cwd") or scene.directory,
            git_branch=text(place, "branch") or scene.git_branch,
            version=text(data, "copilotVersion") or scene.version,
        )

    def _record(self, event: dict[str, Any], usage: dict[str, Any], at_ms: int | None) -> Sighting | None:
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return None
        self._has_records = True
        accounting, scene = child(usage, "accounting"), self._scene
        session = text(accounting, "sourceSessionId") or scene.session
        claim = Claim.ORIGINAL if session == scene.session else Claim.NAMED_COPY
        self._log.conversation(session, directory=scene.directory, git_branch=scene.git_branch)
        key = text(accounting, "usageId") or text(usage, "apiCallId") or f"~{self._agent_name}:{event.get('id')}"
        context = replace(
            self._context(scene, at_ms),
            conversation_id=session,
            duration_ms=whole_number(usage.get("duration")),
            subagent_id=text(usage, "agentId") or text(child(event, "data"), "agentId") or text(event, "agentId"),
        )
        response = self._response(key, usage, at_ms)
        return Sighting(
            observation=Observation(response=response, context=context),
            claim=claim,
            request_id=text(usage, "providerCallId"),
            ids_may_clash=response.usage is not None,
            log_key=self._logged.of(session, at_ms, response),
        )

    def _response(self, key: str, usage: dict[str, Any], at_ms: int) -> ModelResponse:
        model, own_key = text(usage, "model"), usage.get("isByok") is True
        nano = usage.get("totalNanoAiu")
        if nano is None:
            nano = child(usage, "copilotUsage").get("totalNanoAiu")
        if own_key or usage.get("aiCreditsStatus") == "unavailable":
            nano = None
        named = text(usage, "modelProvider", "providerType") if own_key else None
        fallback = biller(model, own_key=own_key)
        return answer(
            EVENT.read(usage),
            provider_name=named_biller(named, model, fallback) if named else fallback,
            api=api_of(usage.get("apiEndpoint")),
            key=key,
            model=model,
            reported_cost_usd=reported_usd(nano, at_ms),
        )

    def shutdowns(self, until_ms: int | None) -> Iterator[Sighting]:
        """What the session's running totals, by model, gained from shutdown to shutdown."""
        totals = Totals({})
        credits: dict[str, Decimal] = {}
        for at_ms, run, scene, metrics in self._shutdowns:
            if until_ms is not None and at_ms >= until_ms:
                return
            for model, metric in metrics.items():
                name = f"{model}#{run}" if run else model
                reading = EVENT.read(child(metric, "usage"))
                added = totals.added(name, reading.usage) if reading.usage is not None else None
                if added is None:
                    continue
                nano = exact_decimal(child(metric).get("totalNanoAiu")) or Decimal(0)
                before, credits[name] = credits.get(name, Decimal(0)), nano
                gained = max(Decimal(0), nano - before)
                key = f"~{self._agent_name}:{scene.session}:{name}:{added.step}"
                yield self._gained(key, at_ms, scene, model, child(metric, "requests"), added, gained)

    def _gained(
        self, key: str, at_ms: int, scene: _Scene, model: str, requests: dict[str, Any], added: Added, nano: Decimal
    ) -> Sighting:
        self._log.conversation(scene.session, directory=scene.directory, git_branch=scene.git_branch)
        response = answer(
            Reading(usage=added.usage),
            provider_name=biller(model, own_key=not (nano or requests.get("cost"))),
            api="copilot.session_total",
            key=key,
            model=model,
            reported_cost_usd=reported_usd(nano, at_ms) if nano else None,
            complete=False,
            parts=cut_into_calls(added.usage, whole_number(requests.get("count")) or 1),
            warnings=(ESTIMATE,),
        )
        return Sighting(observation=Observation(response=response, context=self._context(scene, at_ms)))

    def _context(self, scene: _Scene, at_ms: int) -> CallContext:
        return CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            conversation_id=scene.session,
            agent_name=self._agent_name,
            agent_version=scene.version,
            git_branch=scene.git_branch,
            project=scene.directory,
        )
