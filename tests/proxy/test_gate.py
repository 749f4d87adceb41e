"""The seam for budgets."""

from __future__ import annotations

from dataclasses import fields

from codesession.proxy.gate import PendingCall, Refusal


def test_a_refusal_uses_a_status_that_agents_do_not_retry() -> None:
    """Claude Code and Codex try 429 and 5xx again."""
    assert Refusal(message="stop").status in (400, 403)


def test_a_pending_call_has_no_room_for_content() -> None:
    """A gate sees names, limits and sizes."""
    names = {field.name for field in fields(PendingCall)}
    assert names.isdisjoint({"body", "headers", "messages", "prompt", "url"})
