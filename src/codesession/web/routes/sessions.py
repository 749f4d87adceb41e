"""Sessions: find, look into, compare, annotate, end, take away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from codesession.web.answers import diffs, exports, sessions, timeline
from codesession.web.routes.shared import PROBLEMS, StateOf, answer, changed, remembered
from codesession.web.schemas.asking import AskedCalls, AskedDiff, AskedExport, AskedSessions, Paged
from codesession.web.schemas.sessions import (
    CallList,
    CommitList,
    Comparison,
    Diff,
    EndedSession,
    EndSession,
    FileList,
    NewNote,
    Note,
    NoteList,
    SessionDetail,
    SessionList,
    Timeline,
)

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"], responses=PROBLEMS)

SessionId = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.get("", response_model=SessionList)
async def get_sessions(state: StateOf, asked: Annotated[AskedSessions, Query()]) -> Response:
    """Search, sort, filter, page."""
    return await remembered(state, sessions.session_list, asked)


@router.get("/compare", response_model=Comparison)
async def compare_sessions(
    state: StateOf, ids: Annotated[list[int], Query(min_length=2, max_length=5, description="ids=1&ids=2")]
) -> Response:
    """Two to five sessions side by side."""
    return await answer(state.quick, sessions.comparison, ids)


@router.get("/{session_id}", response_model=SessionDetail)
async def get_session(state: StateOf, session_id: SessionId) -> Response:
    """One session: header and shares."""
    return await answer(state.quick, sessions.session_detail, session_id)


@router.get("/{session_id}/calls", response_model=CallList)
async def get_calls(state: StateOf, session_id: SessionId, asked: Annotated[AskedCalls, Query()]) -> Response:
    """Its model calls with the lines of each bill."""
    return await answer(state.quick, sessions.calls, session_id, asked)


@router.get("/{session_id}/timeline", response_model=Timeline)
async def get_timeline(state: StateOf, session_id: SessionId, asked: Annotated[Paged, Query()]) -> Response:
    """Calls, commits, file changes and notes in one order, with what was spent up to each."""
    return await answer(state.quick, timeline.timeline, session_id, asked)


@router.get("/{session_id}/commits", response_model=CommitList)
async def get_commits(state: StateOf, session_id: SessionId) -> Response:
    """Its commits, each with the calls since the one before."""
    return await answer(state.quick, timeline.commit_costs, session_id)


@router.get("/{session_id}/files", response_model=FileList)
async def get_files(state: StateOf, session_id: SessionId, asked: Annotated[Paged, Query()]) -> Response:
    """The files it changed."""
    return await answer(state.quick, sessions.files, session_id, asked)


@router.get("/{session_id}/notes", response_model=NoteList)
async def get_notes(state: StateOf, session_id: SessionId) -> Response:
    """Its notes."""
    return await answer(state.quick, sessions.notes, session_id)


@router.get("/{session_id}/diff", response_model=Diff)
async def get_diff(state: StateOf, session_id: SessionId, asked: Annotated[AskedDiff, Query()]) -> Response:
    """What git says has changed, in the session's own repository only."""
    return await answer(state.patient, diffs.diff, session_id, asked)


@router.post("/{session_id}/notes", response_model=Note, status_code=201)
async def add_note(state: StateOf, session_id: SessionId, note: NewNote) -> Response:
    """Keep a remark with it."""
    found = await changed(state, state.quick, sessions.add_note, session_id, note)
    found.status_code = 201
    return found


@router.post("/{session_id}/end", response_model=EndedSession)
async def end_session(state: StateOf, session_id: SessionId, how: EndSession) -> Response:
    """End it, as `cs end` does."""
    return await changed(state, state.patient, sessions.end, session_id, how)


@router.get(
    "/{session_id}/export",
    response_class=Response,
    responses={200: {"content": {"application/json": {}, "text/csv": {}}, "description": "A file to save."}},
)
async def export_session(state: StateOf, session_id: SessionId, asked: Annotated[AskedExport, Query()]) -> Response:
    """The whole session as `cs export` writes it."""
    text = await state.patient.ask(exports.export, session_id, asked.format)
    kind = "application/json" if asked.format == "json" else "text/csv"
    name = f"session-{session_id}.{asked.format}"
    return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
