"""What changed, as git prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.services.insights.diffs import LIMIT_BYTES
from codesession.web.schemas.sessions import Diff

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.web.schemas.asking import AskedDiff


def diff(app: App, session_id: int, asked: AskedDiff) -> Diff:
    """The session's changes, one file's, or one commit's."""
    session = app.scopes.by_id(session_id)
    found = app.insights.diff(session, path=asked.path, commit=asked.commit)
    return Diff(
        path=asked.path,
        commit=asked.commit,
        base=found.base,
        text=found.text,
        truncated=found.truncated,
        limit_bytes=LIMIT_BYTES,
    )
