"""The application: API, page and guard put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse
from starlette.routing import Route

from codesession.web import problems
from codesession.web.access import API_VERSION
from codesession.web.guard import Guard
from codesession.web.pages import Pages
from codesession.web.routes import budgets, metrics, prices, sessions, system, usage

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from codesession.web.routes.shared import State

DESCRIPTION = (
    "What the dashboard knows. Every path needs the cookie that `cs dashboard` gives a browser, or"
    " `Authorization: Bearer TOKEN` with the token that `cs dashboard --json` prints. Money is in US dollars; a cost"
    " that is not known is null, never 0."
)


def create_api() -> FastAPI:
    """The API alone, as it is documented."""
    api = FastAPI(
        title="codesession dashboard",
        version=f"{API_VERSION}",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
    )
    for module in (usage, sessions, budgets, prices, system):
        api.include_router(module.router)
    problems.install(api)
    return api


def _operation_id(route: APIRoute) -> str:
    return route.name


def create_application(state: State, static: Path | None = None) -> ASGIApp:
    """Everything one server answers with."""
    api = create_api()
    api.state.server = state
    pages = Pages(state.access) if static is None else Pages(state.access, static)

    async def openapi(_: Request) -> JSONResponse:
        return JSONResponse(api.openapi())

    api.routes.append(Route("/api/openapi.json", openapi, methods=["GET"]))
    api.routes.append(Route("/metrics", metrics.answer, methods=["GET"]))
    api.routes.append(Route("/{path:path}", pages.answer, methods=["GET"]))
    return Guard(api, state.access)
