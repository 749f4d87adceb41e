"""
`cs auto-log` without the command line around it: what the hook of an agent points at, imported.

It runs at the end of every turn of an agent, so it loads what an import needs and nothing else.
"""

from __future__ import annotations

import json
import sys

from codesession.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.app import App
    from codesession.services.importing.outcome import ImportOutcome

_MAX_INPUT = 64 << 20


def auto_log() -> int:
    """The command without options."""
    try:
        from codesession.app import App

        app = App()
    except Exception as error:  # whatever it is: the agent that called the hook goes on, the reason is told
        _tell(error)
        return 0
    try:
        import_hooked(app)
    finally:
        app.close()
    return 0


def import_hooked(app: App, agent_name: str | None = None) -> None:
    """Import what the hook's JSON on stdin points at; whatever fails is told and no reason to stop an agent."""
    try:
        outcome = _import(app, agent_name)
    except Exception as error:  # as above
        _tell(error)
        return
    for told in outcome.agents if outcome else ():
        for problem in told.problems:
            _tell(problem)


def _import(app: App, agent_name: str | None) -> ImportOutcome | None:
    from codesession.services.importing.hooked import transcripts

    files = transcripts(_hook_input())
    if not files:
        return None
    from codesession.services.importing.service import ImportRequest

    return app.importing.run(
        ImportRequest(files=tuple(files), agent_name=agent_name, session_id=app.settings.session_id)
    )


def _hook_input() -> dict[str, Any]:
    """What the agent wrote; an empty object where a person called the command by hand."""
    if sys.stdin is None or sys.stdin.isatty():
        return {}
    try:
        found = json.loads(sys.stdin.buffer.read(_MAX_INPUT) or b"{}")
    except ValueError as error:
        raise InvalidInputError(f"a hook's JSON was expected on stdin: {error}") from error
    return found if isinstance(found, dict) else {}


def _tell(what: object) -> None:
    from codesession.cli.output import say

    say(f"codesession: {what or type(what).__name__}")
