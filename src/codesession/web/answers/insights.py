"""What stands out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.contract import iso
from codesession.domain.money import json_usd
from codesession.domain.report import SessionQuery
from codesession.services.reports.spans import asked_ms
from codesession.web.answers.asking import request
from codesession.web.answers.figures import ratio, summaries, usage, usd
from codesession.web.answers.timeline import COMMITS_BASIS
from codesession.web.schemas.insights import (
    CacheWaste,
    CacheWasteList,
    Expensive,
    ExpensiveCommit,
    ExpensiveHour,
    Hotspot,
    HotspotList,
)

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain import insights
    from codesession.domain.report import ReportRequest
    from codesession.web.schemas.asking import AskedPage
    from codesession.web.schemas.usage import CostState

_WASTE_BASIS = (
    "what writing to a cache cost above plain input, for tokens that the next call of the same conversation and model"
    " did not read; the last call's writes count as unread. List prices; the sessions that wrote most"
)


def hotspots(app: App, asked: AskedPage) -> HotspotList:
    """Files that many sessions change."""
    files, found = app.insights.hotspots(request(app, asked), limit=asked.limit, offset=asked.offset)
    return HotspotList(files=[_hotspot(file) for file in files], found=found, limit=asked.limit, offset=asked.offset)


def _hotspot(file: insights.Hotspot) -> Hotspot:
    return Hotspot(
        project=file.project,
        file_path=file.file_path,
        sessions=file.sessions,
        created=file.created,
        modified=file.modified,
        deleted=file.deleted,
        last_changed=iso(file.last_changed_ms),
        sessions_cost_usd=json_usd(file.cost_picousd or 0),
        sessions_cost_status=_status(file),
    )


def _status(file: insights.Hotspot) -> CostState:
    if file.cost_picousd is None:
        return "unknown"
    return "lower_bound" if file.is_partial else "complete"


def expensive(app: App, asked: AskedPage) -> Expensive:
    """The dearest hours, sessions and commits, `limit` of each."""
    wanted = request(app, asked)
    since, until = asked_ms(wanted)
    query = SessionQuery(where=wanted.where, since_ms=since, until_ms=until, limit=asked.limit)
    top = app.reports.top_sessions(query)
    return Expensive(
        hours=_hours(app, wanted, asked.limit),
        sessions=summaries(app, top.sessions),
        commits=[_commit(one) for one in app.insights.dearest_commits(wanted, limit=asked.limit)],
        commits_basis=COMMITS_BASIS,
    )


def _hours(app: App, wanted: ReportRequest, limit: int) -> list[ExpensiveHour]:
    return [
        ExpensiveHour(start=iso(hour.start_ms), label=hour.label, usage=usage(hour.totals), models=list(hour.models))
        for hour in app.insights.dearest_hours(replace(wanted, last=None), limit=limit)
    ]


def _commit(one: insights.SessionCommitCost) -> ExpensiveCommit:
    commit = one.commit
    return ExpensiveCommit(
        session_id=one.session.id,
        session_name=one.session.name,
        project=one.session.directory,
        hash=commit.hash,
        message=commit.message,
        timestamp=iso(commit.committed_at_ms),
        usage=usage(one.totals),
    )


def cache_waste(app: App, asked: AskedPage) -> CacheWasteList:
    """Cache writes that were paid for and hardly read."""
    found = app.insights.cache_waste(request(app, asked))
    rows, known = found.rows, [row for row in found.rows if row.wasted_picousd is not None]
    written = sum(row.write_tokens for row in rows)
    return CacheWasteList(
        wasted_usd=usd(sum(row.wasted_picousd or 0 for row in known)) if known or not rows else None,
        write_premium_usd=usd(sum(row.premium_picousd or 0 for row in known)) if known or not rows else None,
        unread_share=ratio(sum(row.unread_tokens for row in rows), written),
        rows=_waste(app, known[asked.offset : asked.offset + asked.limit]),
        basis=_WASTE_BASIS,
        sessions_looked_at=found.sessions_looked_at,
    )


def _waste(app: App, rows: list[insights.WastedCache]) -> list[CacheWaste]:
    return [
        CacheWaste(
            session_id=row.session_id,
            session_name=app.scopes.by_id(row.session_id).name,
            provider=row.provider_name,
            model=row.model,
            cache_write_tokens=row.write_tokens,
            cache_read_tokens=row.read_tokens,
            unread_tokens=row.unread_tokens,
            wasted_usd=json_usd(row.wasted_picousd or 0),
        )
        for row in rows
    ]
