"""
The ledger's sums for Prometheus at `/metrics`, where every scraper looks; not part of the API that pages use.

Opt-in: `[metrics] serve = true`. The guard asks for the token as for everything else of the user's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from codesession.services.exports.metrics import CONTENT_TYPE
from codesession.web.problems import NotFoundError
from codesession.web.routes.shared import state_of

if TYPE_CHECKING:
    from codesession.app import App

_HINT = "[metrics] serve = true in config.toml, or CODESESSION_METRICS=1"


async def answer(request: Request) -> Response:
    """The sums, made in a worker's thread."""
    return Response(await state_of(request).patient.ask(_text), media_type=CONTENT_TYPE)


def _text(app: App) -> str:
    if not app.settings.serve_metrics:
        raise NotFoundError("metrics are not served", hint=_HINT)
    return app.metrics.text()
