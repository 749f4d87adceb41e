"""Health, login, help, settings, live events, beginning anew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from codesession.web.access import API_VERSION
from codesession.web.answers import help as help_answers
from codesession.web.answers import settings
from codesession.web.routes.shared import PROBLEMS, StateOf, answer, changed
from codesession.web.schemas.asking import Zoned
from codesession.web.schemas.base import Done
from codesession.web.schemas.live import Live
from codesession.web.schemas.system import Health, Help, Launch, Login, Reset, ResetDone, SetCurrency, Settings

router = APIRouter(prefix="/api/v1", tags=["system"], responses=PROBLEMS)


@router.get("/health", response_model=Health)
async def get_health(state: StateOf) -> Response:
    """Whether a dashboard answers here; needs no token and tells nothing else."""
    found = Health(status="running", api_version=API_VERSION, instance=state.access.instance)
    return JSONResponse(found.model_dump(by_alias=True))


@router.post("/login", response_model=Done)
async def login(state: StateOf, request: Request, given: Login) -> Response:
    """Exchange the token for the cookie that a browser needs."""
    state.access.check_token(given.token)
    response = JSONResponse({"ok": True})
    state.access.set_cookie(response)
    return response


@router.post("/launch", response_model=Launch)
async def launch(state: StateOf) -> Response:
    """A code that opens the page once, for the first URL that a browser is given."""
    return JSONResponse({"code": state.access.new_code()})


@router.get("/live", response_model=Live)
async def get_live(state: StateOf, asked: Annotated[Zoned, Query()]) -> Response:
    """The ledger at this moment: what the event stream sends."""
    return Response(await state.watcher.now(asked.zone), media_type="application/json")


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events `live`, with `Live` as data."}},
)
async def get_events(state: StateOf, asked: Annotated[Zoned, Query()]) -> Response:
    """Server-sent events: the ledger at first, and again whenever it changed, at most once a second."""
    events = await state.watcher.follow(asked.zone)
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/help", response_model=Help)
async def get_help(state: StateOf) -> Response:
    """Every command, from the commands themselves."""
    return await answer(state.patient, help_answers.help_of_commands, state.commands)


@router.get("/settings", response_model=Settings)
async def get_settings(state: StateOf) -> Response:
    """Zone, currency, files."""
    return await answer(state.quick, settings.settings)


@router.put("/settings/currency", response_model=Settings)
async def set_currency(state: StateOf, wanted: SetCurrency) -> Response:
    """Show amounts in another currency beside dollars."""
    return await changed(state, state.quick, settings.set_currency, wanted)


@router.post("/reset", response_model=ResetDone)
async def reset(state: StateOf, confirmed: Reset) -> Response:
    """Begin anew with an empty ledger, after a backup."""
    return await changed(state, state.patient, settings.reset, confirmed)
