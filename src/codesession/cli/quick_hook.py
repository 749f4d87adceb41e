"""`cs hook AGENT` without the command line around it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from codesession.cli.quick_ledger import ledger_path
from codesession.services.agent_hooks.answers import AGENT_NAMES, can_stop, stop
from codesession.services.agent_hooks.quick import QuickLedger, Session, scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from codesession.app import App

_READS_OUR_ENDPOINT = ("claude-code", "gemini")
"""Agents whose calls a surrounding `cs run` sees; others are only known from their logs."""


def answer(agent: str) -> int:
    """Read the hook's JSON on stdin, answer as the agent expects it; whatever is unexpected is no reason to stop."""
    try:
        told, words, status = _answer(_meant(agent), json.loads(sys.stdin.buffer.read()), os.environ)
    except Exception:  # whatever it is: a hook that fails must not stand in an agent's way
        return 0
    _say(sys.stdout, None if told is None else json.dumps(told, ensure_ascii=True))
    _say(sys.stderr, words)
    return status


def _say(stream: TextIO | None, text: str | None) -> None:
    """One line; the status stops an agent also where it has closed the stream."""
    try:
        if stream is not None and text:
            stream.buffer.write((text + "\n").encode())
    except OSError:
        return


def _meant(agent: str) -> str:
    """Our name of an agent: a hook may have been put in by hand, with what people call it."""
    if agent in AGENT_NAMES:
        return agent
    from codesession.importers.registry import meant

    return {called: name for name, called in AGENT_NAMES.items()}.get(meant(agent), agent)


def _answer(agent: str, hook: Any, environment: Mapping[str, str]) -> tuple[dict[str, object] | None, str, int]:
    event, go_on = hook.get("hook_event_name"), (None, "", 0)
    path = ledger_path(environment)
    if not can_stop(agent, event) or (path is not None and not os.path.isfile(path)):
        return go_on
    reason = _why_to_stop(agent, hook, path, environment)
    return go_on if reason is None else stop(agent, event, reason)


def _why_to_stop(agent: str, hook: Mapping[str, Any], path: str | None, environment: Mapping[str, str]) -> str | None:
    """The budget that says stop, in words; None to go on."""
    directory, name = scope_of(hook.get("cwd") or os.getcwd()), AGENT_NAMES[agent]
    counted = agent in _READS_OUR_ENDPOINT and "CODESESSION_UPSTREAM_ANTHROPIC" in environment
    if path is not None and not _may_stop(QuickLedger(path, environment), directory, name, hook, counted):
        return None
    return _slow_look(hook, directory, name, counted)


def _may_stop(ledger: QuickLedger, directory: str, agent_name: str, hook: Mapping[str, Any], counted: bool) -> bool:
    """Whether a closer look is worth its time: a budget says stop, or the ledger may not know everything yet."""
    try:
        if ledger.is_older():
            return True
        if not ledger.has_budgets():
            return False
        session = ledger.session(directory, agent_name, hook.get("session_id"))
        budgets = ledger.budgets(directory, session, agent_name)
    finally:
        ledger.close()
    return any(each.stops for each in budgets) or (not counted and "transcript_path" in hook)


def _slow_look(hook: Mapping[str, Any], directory: str, agent_name: str, counted: bool) -> str | None:
    """The whole program: takes in what the agent's log knows and the proxy did not see, then asks the budgets."""
    from pathlib import Path

    from codesession.app import App
    from codesession.domain.budget import Spender, refusal

    app = App(directory=Path(directory))
    try:
        budgets = app.budgets  # which brings a ledger of an older version up to date
        if not counted:
            _import(app, hook)
        session = _session(app, hook, directory, agent_name)
        project = directory if session is None else session[1]
        spender = Spender(session_id=session[0] if session else None, project=project, agent_name=agent_name)
        return next((refusal(each) for each in budgets.standings(spender) if each.stops), None)
    finally:
        app.close()


def _import(app: App, hook: Mapping[str, Any]) -> None:
    from codesession.services.importing.hooked import transcripts
    from codesession.services.importing.service import ImportRequest

    if files := transcripts(hook):
        app.importing.run(ImportRequest(files=tuple(files), session_id=app.settings.session_id))


def _session(app: App, hook: Mapping[str, Any], directory: str, agent_name: str) -> Session | None:
    if app.settings.ledger_url:
        active = app.store.active_sessions(directory)
        if len(active) != 1:
            return None
        (only,) = active
        return only.id, only.directory, only.cost_picousd, only.unpriced_requests + only.lower_bound_requests
    ledger = QuickLedger(str(app.settings.ledger_path), app.environment)
    try:
        return ledger.session(directory, agent_name, hook.get("session_id"))
    finally:
        ledger.close()
