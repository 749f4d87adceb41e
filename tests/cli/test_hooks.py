"""`cs hooks` from outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.shell import Answer

Cs = Callable[..., Answer]


def test_hooks_are_put_in_found_and_taken_out(cs: Cs, home: Path) -> None:
    """In the agent's own settings below this home."""
    path = home / ".claude" / "settings.json"
    assert cs("hooks", "status", "claude-code", "--json").json["installed"] is False
    done = cs("hooks", "install", "claude-code", "--json").json
    assert (done["path"], done["installed"], done["changed"]) == (str(path), True, True)
    assert cs("hooks", "status", "claude-code", "--json").json["installed"] is True
    assert "already" in cs("hooks", "install", "claude-code").out
    assert cs("hooks", "uninstall", "claude-code", "--json").json["changed"] is True


def test_an_agent_is_known_by_what_people_call_it(cs: Cs, home: Path) -> None:
    """As in reports and imports."""
    assert cs("hooks", "install", "Claude", "--json").json["agent"] == "claude-code"
    assert "not one of 'claude-code', 'codex'" in cs("hooks", "install", "gemini").err


def test_codex_wants_new_hooks_trusted(cs: Cs) -> None:
    """Until then it runs none of them, without a word."""
    assert "trusted" in cs("hooks", "install", "codex").out


def test_a_broken_file_is_named_and_kept(cs: Cs, home: Path) -> None:
    """Comments are no JSON."""
    path = home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text("{ // mine\n}")
    error = cs("hooks", "install", "claude-code", "--json").error
    assert error["code"] == "invalid_input"
    assert str(path) in error["message"]
    assert path.read_text() == "{ // mine\n}"
