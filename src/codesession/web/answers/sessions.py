"""Sessions: lists, one in full, its calls, files and notes; notes added, the session ended."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from codesession.contract import file_json, iso, note_json
from codesession.domain.money import to_picousd
from codesession.domain.pricing import decimal_string
from codesession.domain.report import SessionQuery, SessionSort, UsageTotals
from codesession.services.insights.diffs import is_available
from codesession.services.reports.spans import agent_shares, asked_ms, model_shares, names_of
from codesession.web.answers.asking import request
from codesession.web.answers.figures import part, summaries, summary, usage, usd
from codesession.web.schemas.sessions import (
    Call,
    CallList,
    ChangedFile,
    Comparison,
    EndedSession,
    EndSession,
    FileList,
    NewNote,
    Note,
    NoteList,
    PriceLine,
    SessionDetail,
    SessionList,
)

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.report import SessionUse
    from codesession.domain.request import ModelRequest
    from codesession.web.schemas.asking import AskedCalls, AskedSessions, Paged

_MILLION = 1_000_000


def session_list(app: App, asked: AskedSessions) -> SessionList:
    """A page of the sessions that match, and what all of them come to."""
    wanted = request(app, asked)
    since, until = asked_ms(wanted)
    page = app.reports.sessions(
        SessionQuery(
            search=asked.search or None,
            status=asked.status,
            where=wanted.where,
            min_cost_picousd=_picousd(asked.min_cost),
            max_cost_picousd=_picousd(asked.max_cost),
            since_ms=since,
            until_ms=until,
            sort=SessionSort(asked.sort),
            descending=asked.order == "desc",
            limit=asked.limit,
            offset=asked.offset,
        )
    )
    return SessionList(
        sessions=summaries(app, page.sessions),
        found=page.found,
        limit=asked.limit,
        offset=asked.offset,
        totals=usage(page.totals),
    )


def _picousd(dollars: float | None) -> int | None:
    """A limit of a filter: what was typed, not the binary fraction next to it."""
    return None if dollars is None else to_picousd(Decimal(str(dollars)))


def session_detail(app: App, session_id: int) -> SessionDetail:
    """Header and shares of one session."""
    session = app.scopes.by_id(session_id)
    uses = app.insights.session_uses([session.id])
    models = model_shares((use.provider, use.model, use.totals) for use in uses)
    agents = agent_shares((use.agent, use.totals) for use in uses)
    names = (list(names_of(shares)) for shares in (models, agents))
    return SessionDetail(
        session=summary(session, app.reports.now_ms(), *names),
        models=[part(share) for share in models],
        agents=[part(share) for share in agents],
        subagents=usage(UsageTotals.total(use.totals for use in uses if use.subagent)),
        saved_by_cache_usd=usd(_saved(app, uses, session.started_at_ms)),
        notes_count=len(app.store.notes(session.id)),
        diff_available=is_available(session),
    )


def _saved(app: App, uses: list[SessionUse], at_ms: int) -> int | None:
    return app.insights.saved(((use.provider, use.model, use.totals) for use in uses), at_ms).saved_picousd


def comparison(app: App, ids: list[int]) -> Comparison:
    """Sessions side by side, in the order asked for."""
    return Comparison(sessions=[session_detail(app, session_id) for session_id in dict.fromkeys(ids)])


def calls(app: App, session_id: int, asked: AskedCalls) -> CallList:
    """A page of a session's calls."""
    app.scopes.by_id(session_id)
    page, found = app.insights.calls_page(
        session_id,
        limit=asked.limit,
        offset=asked.offset,
        descending=asked.order == "desc",
        model=asked.model,
        agent_name=asked.agent,
    )
    return CallList(calls=[_call(call) for call in page], found=found, limit=asked.limit, offset=asked.offset)


def _call(call: ModelRequest) -> Call:
    tokens, evidence = call.usage, json.loads(call.billing) if call.billing else {}
    return Call(
        id=call.id or 0,
        timestamp=iso(call.started_at_ms),
        provider=call.provider_name,
        model=call.model,
        request_model=call.request_model if call.response_model else None,
        agent_name=call.agent_name,
        subagent_id=call.subagent_id,
        conversation_id=call.conversation_id,
        tokens=call.total_tokens,
        prompt_tokens=None if tokens is None else tokens.input_tokens,
        uncached_input_tokens=None if tokens is None else tokens.uncached_input_tokens,
        completion_tokens=None if tokens is None else tokens.output_tokens,
        cache_read_tokens=None if tokens is None else tokens.cache_read_input_tokens,
        cache_write_tokens=None if tokens is None else tokens.cache_write_input_tokens,
        reasoning_tokens=None if tokens is None else tokens.reasoning_output_tokens,
        cost_usd=usd(call.cost_picousd),
        cost_picousd=None if call.cost_picousd is None else str(call.cost_picousd),
        cost_status=call.cost_status.value,
        cost_source=call.cost_source,
        usage_status=call.usage_status.value,
        price_model=call.price_model,
        price_version=call.price_version,
        lines=[_line(line) for line in evidence.get("lines", [])],
        rules=evidence.get("rules", []),
        warnings=evidence.get("warnings", []),
        sources=sorted(call.sources),
        response_id=call.provider_response_id,
        duration_ms=call.duration_ms,
        git_branch=call.git_branch,
    )


def _line(line: dict[str, Any]) -> PriceLine:
    """A line as it was kept: price for `per` units, before the multiplier."""
    price = Decimal(line["price"]) * Decimal(line.get("multiplier", "1")) * _MILLION / line.get("per", _MILLION)
    return PriceLine(
        item=line["item"],
        quantity=line["quantity"],
        per_1m=decimal_string(price),
        usd=decimal_string(Decimal(line["usd"])),
    )


def files(app: App, session_id: int, asked: Paged) -> FileList:
    """A page of the files a session changed, by path."""
    app.scopes.by_id(session_id)
    found = sorted(app.store.files(session_id), key=lambda file: file.file_path)
    page = found[asked.offset : asked.offset + asked.limit]
    return FileList(
        files=[ChangedFile.model_validate(file_json(file)) for file in page],
        found=len(found),
        limit=asked.limit,
        offset=asked.offset,
    )


def notes(app: App, session_id: int) -> NoteList:
    """Every remark of a session."""
    app.scopes.by_id(session_id)
    return NoteList(notes=[Note.model_validate(note_json(note)) for note in app.store.notes(session_id)])


def add_note(app: App, session_id: int, note: NewNote) -> Note:
    """Keep a remark with a session."""
    kept, _ = app.sessions.note(note.message, session_id, app.directory)
    return Note.model_validate(note_json(kept))


def end(app: App, session_id: int, how: EndSession) -> EndedSession:
    """End a session as `cs end` does."""
    detail = app.sessions.end(session_id, app.directory, notes=how.notes or None)
    (shown,) = summaries(app, [detail.session])
    return EndedSession(session=shown, warnings=list(detail.warnings))
