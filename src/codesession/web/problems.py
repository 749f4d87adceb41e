"""What can go wrong over HTTP, as the envelope that commands print, each code with its status."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from codesession.contract import error_json
from codesession.errors import CodesessionError, InvalidInputError

STATUS = {
    "invalid_input": 400,
    "unknown_model": 400,
    "missing_tokens": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "session_not_found": 404,
    "session_active": 409,
    "no_active_session": 409,
    "ambiguous_session": 409,
    "too_many_tries": 429,
    "busy": 503,
    "storage_error": 503,
    "unavailable": 409,
}


class BusyError(CodesessionError):
    """Too many questions wait already."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("too many requests wait already", hint="try again in a moment")


class NotFoundError(CodesessionError):
    """There is no such page, model or file."""

    code = "not_found"


class UnauthorizedError(CodesessionError):
    """No valid cookie and no valid token."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("this needs the dashboard's token", hint="open it with `cs dashboard`")


class TooManyTriesError(CodesessionError):
    """Somebody tries tokens."""

    code = "too_many_tries"

    def __init__(self) -> None:
        super().__init__("too many wrong tokens", hint="wait a minute, or start the dashboard anew")


class ForbiddenError(CodesessionError):
    """A request that a foreign page may have caused."""

    code = "forbidden"


def problem_response(error: CodesessionError, status: int | None = None) -> Response:
    """An error as the envelope."""
    chosen = STATUS.get(error.code, 500) if status is None else status
    headers = {"Retry-After": "1"} if chosen == 503 else {}
    body = json.dumps(error_json(error))  # escaped: a path on the disk need be no UTF-8
    return Response(body, status_code=chosen, headers=headers, media_type="application/json")


def install(api: FastAPI) -> None:
    """Answer every error with the envelope; nothing of a traceback leaves the machine."""
    api.add_exception_handler(CodesessionError, _known)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)


def _unexpected(_: Request, error: Exception) -> Response:
    """A defect of ours: the traceback goes to whoever started the server, not to whoever asked."""
    traceback.print_exception(error, file=sys.stderr)
    return problem_response(CodesessionError("the dashboard failed", hint="what happened is on its stderr"), 500)


def _known(_: Request, error: Exception) -> Response:
    assert isinstance(error, CodesessionError)  # noqa: S101 - what the handler was registered for
    return problem_response(error)


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler was registered for
    found: dict[str, Any] = error.errors()[0]
    where = ".".join(str(part) for part in found["loc"] if part not in ("body", "query", "path"))
    message = f"{where}: {found['msg']}" if where else str(found["msg"])
    return problem_response(InvalidInputError(message[:500]))


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler was registered for
    known = NotFoundError("there is nothing here") if error.status_code == 404 else InvalidInputError(str(error.detail))
    return problem_response(known, error.status_code)
