"""
The built page, from the package. Only files that were there at the start are known, each by its exact path: there is
no path to walk out of. Without a built page there is a plain one that says how to build it.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from codesession.errors import CodesessionError
from codesession.web.problems import NotFoundError, problem_response

if TYPE_CHECKING:
    from starlette.requests import Request

    from codesession.web.access import Access

STATIC = Path(__file__).parent / "static"
DOCS = Path(__file__).parent / "docs"

NONCE_PLACEHOLDER = "__CSP_NONCE__"
"""What the built page writes where this answer's nonce belongs."""

_VIEW = re.compile(r"/(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.:~-]+)*/?)?")
"""Paths that the page itself makes sense of."""

_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>codesession</title></head>
<body>
<h1>codesession</h1>
<p>The dashboard's page is missing in this installation: it was made from source where there was no Node.js, or its
packages could not be fetched.</p>
<ul>
<li>In a checkout: <code>make dashboard</code>, then start <code>cs dashboard</code> again.</li>
<li>Installed with pip: install Node.js 20.19 or newer and run <code>pip install --force-reinstall --no-deps</code>
with what you installed it from; or install a wheel, which carries the page.</li>
</ul>
<p>Everything else works: the commands show the same figures (<code>cs report</code>), and so does the
<a href="/api/docs">API</a>.</p>
</body>
</html>
"""

_DOCS = {
    "/api/docs": ("index.html", "text/html; charset=utf-8"),
    "/api/docs.js": ("docs.js", "text/javascript; charset=utf-8"),
    "/api/docs.css": ("docs.css", "text/css; charset=utf-8"),
}


def _is_hidden(name: Path) -> bool:
    """Notes that a build left for itself."""
    return any(part.startswith(".") for part in name.parts)


class Pages:
    """Answers everything that is not the API."""

    def __init__(self, access: Access, static: Path = STATIC) -> None:
        self._access = access
        found = (path for path in static.rglob("*") if path.is_file())
        names = ((path.relative_to(static), path) for path in found)
        self._files = {f"/{name.as_posix()}": path for name, path in names if not _is_hidden(name)}
        index = self._files.pop("/index.html", None)
        self._index = _NOT_BUILT if index is None else index.read_text("utf-8")

    async def answer(self, request: Request) -> Response:
        """A file, one of the page's views, or nothing."""
        path = request.url.path
        if path in _DOCS:
            name, kind = _DOCS[path]
            return FileResponse(DOCS / name, media_type=kind)
        if path in self._files:
            return self._file(path)
        if path.startswith(("/api", "/assets/")) or not _VIEW.fullmatch(path):
            return problem_response(NotFoundError("there is nothing here"))
        if "token" in request.query_params:
            return self._exchange(path, request.query_params["token"])
        page = self._index.replace(NONCE_PLACEHOLDER, request.scope["codesession.nonce"])
        return HTMLResponse(page)

    def _file(self, path: str) -> Response:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        built = path.startswith("/assets/")  # their names change with their content
        return FileResponse(
            self._files[path],
            media_type=kind,
            headers={"Cache-Control": "public, max-age=31536000, immutable" if built else "no-cache"},
        )

    def _exchange(self, path: str, token: str) -> Response:
        """The cookie for the token; either way the token leaves the address bar."""
        response = RedirectResponse(path, status_code=303)
        try:
            self._access.check_first(token)
        except CodesessionError:  # the page says that it may not read anything, and what to do
            return response
        self._access.set_cookie(response)
        return response
