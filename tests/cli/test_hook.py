"""`cs hook` through the command line, as `python -m codesession` calls it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from support.shell import Answer

Cs = Callable[..., Answer]


def stdin(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_it_answers_like_the_quick_one(cs: Cs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function behind another door."""
    cs("start", "task", "--budget", "0", "--json")
    stdin(monkeypatch, b'{"hook_event_name": "PreToolUse"}')
    assert cs("hook", "claude-code").json["continue"] is False
    stdin(monkeypatch, b'{"hook_event_name": "Stop"}')
    assert cs("hook", "claude-code") == Answer(0, "", "")


def test_help_names_the_agents(cs: Cs) -> None:
    """And how to set it up."""
    assert "claude-code" in cs("hook", "--help").out
