"""
`cs statusline` without the command line around it: one line from Claude Code's status JSON and a few small reads.

    $0.04 session · $1.23 today · $3.77 of $5.00 left · 1% context
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Mapping

from codesession.cli.quick_ledger import ledger_path
from codesession.domain.money import PICO, format_at_least, format_usd
from codesession.services.agent_hooks.quick import Left, QuickLedger, scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_AGENT = "claude-code"
_NO_FIGURE = 1e9
"""So many tokens or dollars nobody has in one session."""
_OLDER = "older ledger: `cs status` updates it"
"""A line that is drawn many times a minute is no place to bring a ledger up to date."""
_NOTHING: Mapping[str, Any] = {}


def print_line() -> int:
    """Read stdin, print one line; an agent's status bar must never show a traceback."""
    try:
        line = status_line(json.loads(sys.stdin.buffer.read() or b"{}"), os.environ)
    except Exception:  # whatever it is: a bar without our part is better than a broken one
        line = "codesession: no figures"
    try:
        sys.stdout.buffer.write((line + "\n").encode())
    except OSError:  # the agent has drawn its bar already; without a buffer (PYTHONUNBUFFERED) that is learnt here
        return 0
    return 0


def status_line(status: Any, environment: Mapping[str, str]) -> str:
    """The line for one status."""
    status = status if isinstance(status, dict) else {}
    parts = [*_money(status, environment), _context(_mapping(status, "context_window"))]
    return " · ".join(part for part in parts if part)


def _money(status: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    own = _own_figure(_mapping(status, "cost").get("total_cost_usd"))
    path = ledger_path(environment)
    alone = [f"{format_usd(own)} session"] if own is not None else []
    if path is None or not os.path.isfile(path):
        return alone
    try:
        ledger = QuickLedger(path, environment)
        try:
            return [*alone, _OLDER] if ledger.is_older() else _from_ledger(ledger, status, own)
        finally:
            ledger.close()
    except sqlite3.Error:  # a ledger that cannot be read has no part in the line
        return alone


def _from_ledger(ledger: QuickLedger, status: Mapping[str, Any], own: int | None) -> list[str]:
    """Our session's cost where calls were counted for it, else what Claude Code says of its own."""
    named = (_mapping(status, "workspace").get("current_dir"), status.get("cwd"))
    directory = scope_of(next((each for each in named if isinstance(each, str) and each), None) or os.getcwd())
    session = ledger.session(directory, _AGENT, status.get("session_id"))
    if session and session[2]:
        parts = [f"{format_at_least(session[2], partial=session[3] > 0)} session"]
    else:
        parts = [f"{format_usd(own)} session"] if own is not None else []
    spent, partial = ledger.spent_today()
    parts.append(f"{format_at_least(spent, partial=partial)} today")
    if budgets := ledger.budgets(directory, session, _AGENT):
        parts.append(_budget(min(budgets, key=lambda each: each.left)))
    return parts


def _budget(tightest: Left) -> str:
    if tightest.left <= 0:
        return f"budget {format_usd(tightest.limit)} used up"
    at_most = "≤ " if tightest.partial else ""
    return f"{at_most}{format_usd(tightest.left)} of {format_usd(tightest.limit)} left"


def _own_figure(value: object) -> int | None:
    """Dollars as Claude Code writes them, in pico-dollars."""
    dollars = _number(value)
    return None if dollars is None else round(dollars * PICO)


def _context(window: Mapping[str, Any]) -> str:
    percent, size = _number(window.get("used_percentage")), _number(window.get("context_window_size"))
    if percent is None and size:
        percent = (_number(window.get("total_input_tokens")) or 0) * 100 / size
    return "" if percent is None else f"{round(percent)}% context"


def _number(value: object) -> float | None:
    """What can be a count or an amount; anything else says nothing, and costs the line no other figure."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if 0 <= value < _NO_FIGURE else None


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else _NOTHING
