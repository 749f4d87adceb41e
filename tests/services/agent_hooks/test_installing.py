"""Our hooks in agents' settings, and everything else left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.services.agent_hooks.installing import EVENTS, install, settings_path, state, uninstall

FOREIGN = """{
    "model": "opus",
    "hooks": {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}]}],
        "Stop": [{"hooks": [{"type": "command", "command": "cs auto-log"}]}]
    },
    "último": "ñ"
}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent" / "settings.json"


def commands(path: Path, event: str) -> list[str]:
    groups = json.loads(path.read_text("utf-8"))["hooks"].get(event, [])
    return [hook["command"] for group in groups for hook in group["hooks"]]


@pytest.mark.parametrize("agent", EVENTS)
def test_hooks_go_into_a_new_file_and_out_again(path: Path, agent: str) -> None:
    """At every event where the agent lets itself be stopped, and never at its end."""
    assert not state(agent, path).installed
    done = install(agent, path, "/opt/bin/cs", stamp="1")
    assert (done.installed, done.changed, done.backup) == (True, True, None)
    assert all(commands(path, event) == [f"/opt/bin/cs hook {agent}"] for event in EVENTS[agent])
    assert commands(path, "Stop") == []
    assert state(agent, path).installed
    assert path.stat().st_mode & 0o777 == 0o600
    assert uninstall(agent, path, stamp="2").changed
    assert list(path.parent.iterdir()) == []


def test_everything_else_stays(path: Path) -> None:
    """Other hooks, other keys, their order and the file's indentation; a copy of what was is kept."""
    path.parent.mkdir()
    path.write_text(FOREIGN, "utf-8")
    done = install("claude-code", path, "cs", stamp="1")
    assert done.backup is not None
    assert done.backup.read_text("utf-8") == FOREIGN
    text = path.read_text("utf-8")
    assert commands(path, "PreToolUse") == ["guard", "cs hook claude-code"]
    assert list(json.loads(text)) == ["model", "hooks", "último"]
    assert '\n    "model"' in text
    assert '"ñ"' in text
    uninstall("claude-code", path, stamp="2")
    assert json.loads(path.read_text("utf-8")) == json.loads(FOREIGN)


def test_a_second_time_changes_nothing(path: Path) -> None:
    """Not a byte, and no further copy."""
    install("claude-code", path, "cs", stamp="1")
    before = path.read_bytes()
    assert not install("claude-code", path, "cs", stamp="2").changed
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1
    uninstall("claude-code", path, stamp="3")
    assert not uninstall("claude-code", path, stamp="4").changed


def test_a_moved_program_replaces_its_old_name(path: Path) -> None:
    """An update of the virtual environment must not leave two hooks behind."""
    install("claude-code", path, "/old/bin/cs", stamp="1")
    install("claude-code", path, "/new dir/bin/cs", stamp="2")
    assert commands(path, "UserPromptSubmit") == ['"/new dir/bin/cs" hook claude-code']
    assert uninstall("claude-code", path, stamp="3").changed


@pytest.mark.parametrize("text", ["", "{}", '{"hooks": {}}', '{"hooks":{"Stop":[]}}'])
def test_where_nothing_is_to_be_taken_out_nothing_is_written(path: Path, text: str) -> None:
    """A file of the user that says nothing is theirs all the same."""
    path.parent.mkdir()
    path.write_text(text)
    assert not uninstall("claude-code", path, stamp="1").changed
    assert path.read_text() == text


@pytest.mark.parametrize("settings", [b'{\r\n  "a": 1\r\n}\r\n', b'{\n  "a": "\\ud83d"\n}\n'])
def test_ends_of_lines_and_halves_of_characters_stay_as_they_are(path: Path, settings: bytes) -> None:
    """Windows ends its lines in its own way; what no UTF-8 can say is written as an escape."""
    path.parent.mkdir()
    path.write_bytes(settings)
    done = install("claude-code", path, "cs", stamp="1")
    assert done.backup is not None
    assert done.backup.read_bytes() == settings
    assert (b"\r\n" in path.read_bytes()) == (b"\r\n" in settings)
    uninstall("claude-code", path, stamp="2")
    assert path.read_bytes() == settings


@pytest.mark.parametrize(
    "text", ["", "{}", '{"hooks": {}}', '{"a":[1,2],"hooks":{"Stop":[]}}', '{"b": 1e3,\n "a": "\\u00f1"}']
)
def test_a_file_comes_back_as_it_was(path: Path, text: str) -> None:
    """To the byte, while nobody else changed it; what others changed in between stays, in our form."""
    path.parent.mkdir()
    path.write_text(text)
    install("claude-code", path, "cs", stamp="1")
    uninstall("claude-code", path, stamp="2")
    assert path.read_text() == text
    install("claude-code", path, "cs", stamp="3")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"z": 1}))
    uninstall("claude-code", path, stamp="4")
    assert json.loads(path.read_text())["z"] == 1


@pytest.mark.parametrize(
    "text",
    [
        '{ // mine\n "a": 1 }',
        "[]",
        '{"hooks": []}',
        '{"hooks": {"Stop": {}}}',
        '{"hooks": {"PreToolUse": [{"hooks": null}]}}',
        '{"env": {"A": "1", "A": "2"}}',
        "\ufffe{",
        "[" * 100_000,
    ],
    ids=["a comment", "a list", "hooks", "an event", "a group", "twice", "a mark", "no end"],
)
def test_a_file_that_is_not_understood_is_left_as_it_is(path: Path, text: str) -> None:
    """Comments and names that are there twice cannot be kept, so nothing is written."""
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    for change in (lambda: install("codex", path, "cs", stamp="1"), lambda: uninstall("codex", path, stamp="1")):
        with pytest.raises(InvalidInputError):
            change()
    assert path.read_text("utf-8") == text
    assert len(list(path.parent.iterdir())) == 1


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    """People keep their settings in a repository and link to them."""
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    path.parent.mkdir()
    path.symlink_to(real)
    install("claude-code", path, "cs", stamp="1")
    assert path.is_symlink()
    assert "cs hook" in real.read_text()


def test_agents_say_where_their_settings_are(tmp_path: Path) -> None:
    """By the variables that they read themselves."""
    assert settings_path("claude-code", {}, tmp_path) == tmp_path / ".claude" / "settings.json"
    assert settings_path("claude-code", {"CLAUDE_CONFIG_DIR": "/c"}, tmp_path) == Path("/c/settings.json")
    assert settings_path("codex", {"CODEX_HOME": "/x"}, tmp_path) == Path("/x/hooks.json")
    with pytest.raises(InvalidInputError):
        settings_path("cursor", {}, tmp_path)
