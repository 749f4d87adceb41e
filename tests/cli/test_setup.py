"""`cs setup`, by what it does to a user's files."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from cli.conftest import Cs
from codesession.cli.setup import own_program
from codesession.services.setup.agents import AGENTS

OWN = {
    "claude-code": {
        ".claude/settings.json": '{\n\t"model": "opus",\n\t"env": {"ANTHROPIC_API_KEY": "sk-1"},\n'
        '\t"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]},\n'
        '\t"permissions": {"allow": ["é"]}\n}',
        ".claude.json": '{"numStartups": 3, "mcpServers": {"other": {"command": "other"}}}',
    },
    "codex": {
        ".codex/config.toml": '# mine\nmodel = "gpt-6.1"\n\n[mcp_servers.other]\ncommand = "other"',
        ".codex/hooks.json": '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}\n',
    },
    "openclaw": {".openclaw/openclaw.json": '{"gateway": {"port": 18789}}\n'},
    "gemini": {
        ".gemini/settings.json": '{"theme": "dark", "mcpServers": {"other": {"command": "other"}}}\n',
        ".gemini/.env": "GEMINI_API_KEY=k\n",
    },
    "opencode": {".config/opencode/opencode.json": '{"$schema": "https://opencode.ai/config.json", "theme": "x"}\n'},
}
"""What users have already, each in a style of its own."""


@pytest.fixture(params=list(OWN))
def agent(request: pytest.FixtureRequest, home: Path) -> str:
    """Every agent, with settings of the user's."""
    name: str = request.param
    for path, text in OWN[name].items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    return name


def tree(home: Path) -> dict[str, str]:
    """Every file of the home but backups and our own folder."""
    return {
        str(path.relative_to(home)): path.read_text()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix != ".bak" and ".codesession" not in path.parts
    }


def test_undo_gives_back_every_byte(home: Path, cs: Cs, agent: str) -> None:
    """In and out again: JSON means the same, files of lines are the same, and nothing is left behind."""
    before = tree(home)
    assert cs("setup", agent, "--proxy", "--yes").code == 0
    assert tree(home) != before
    assert cs("setup", agent, "--undo", "--yes").code == 0
    after = tree(home)
    assert list(after) == list(before)
    for path, text in before.items():
        if path.endswith(".json"):
            assert json.loads(after[path]) == json.loads(text)
            assert list(json.loads(after[path])) == list(json.loads(text))
        else:
            assert after[path].rstrip("\n") == text.rstrip("\n")


def test_undo_keeps_copies_of_what_is_the_users_only(home: Path, cs: Cs, agent: str) -> None:
    """The skill can be made again by the same command: neither it, nor a copy, nor its folder stays."""
    cs("setup", agent, "--yes")
    (skill,) = home.rglob("SKILL.md")
    cs("setup", agent, "--undo", "--yes")
    assert not skill.parent.exists()
    assert any(OWN[agent][path] == copy.read_text() for path in OWN[agent] for copy in home.rglob("*.bak"))


def test_undo_says_what_it_removed(cs: Cs, home: Path) -> None:
    """And nothing of what it wrote."""
    said = cs("setup", "gemini", "--yes").err
    assert f"written: {home}/.gemini/skills/codesession/SKILL.md" in said
    said = cs("setup", "gemini", "--undo", "--yes").err
    assert f"removed: {home}/.gemini/skills/codesession/SKILL.md" in said
    assert "written" not in said


@pytest.mark.parametrize("options", [(), ("--proxy",)])
@pytest.mark.parametrize("agent", list(AGENTS))
def test_undo_leaves_nothing_where_nothing_was(home: Path, cs: Cs, agent: str, options: tuple[str, ...]) -> None:
    """No copy of our own settings, and no folder that would make the agent look installed."""
    before = set(home.rglob("*"))
    cs("setup", agent, *options, "--yes")
    assert set(home.rglob("*")) > before
    cs("setup", agent, "--undo", "--yes")
    assert {path for path in home.rglob("*") if ".codesession" not in path.parts} == before


def test_undo_keeps_a_copy_of_a_skill_that_was_changed(home: Path, cs: Cs, agent: str) -> None:
    """That text would be lost otherwise."""
    cs("setup", agent, "--yes")
    (skill,) = home.rglob("SKILL.md")
    skill.write_text("my own words\n")
    cs("setup", agent, "--undo", "--yes")
    assert not skill.exists()
    assert [copy.read_text() for copy in skill.parent.glob("*.bak")] == ["my own words\n"]


def test_a_second_time_changes_nothing(home: Path, cs: Cs, agent: str) -> None:
    """No file is written, no backup made."""
    cs("setup", agent, "--yes")
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    answer = cs("setup", agent, "--yes")
    assert f"{agent}: nothing to change" in answer.err
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_everything_else_stays_and_a_copy_is_kept(home: Path, cs: Cs, agent: str) -> None:
    """Keys of the user's in their order, other servers, other hooks; the file as it was beside it."""
    answer = cs("setup", agent, "--yes", "--json").json
    (told,) = answer["agents"]
    assert answer["applied"] is True
    for change in told["changes"]:
        path = Path(change["path"])
        original = OWN[agent].get(str(path.relative_to(home)))
        if original is None:
            assert (change["action"], change["backup"]) == ("created", None)
            continue
        assert change["action"] == "modified"
        assert Path(change["backup"]).read_text() == original
        text = path.read_text()
        for kept in ("sk-1", "é", "say done", '"other"', "# mine", "18789", "dark", "numStartups"):
            assert (kept in text) == (kept in original)


def test_an_agent_is_known_by_what_people_call_it(cs: Cs) -> None:
    """As in reports and imports."""
    told = cs("setup", "claude", "gemini-cli", "--dry-run", "--json").json["agents"]
    assert [each["agent"] for each in told] == ["claude-code", "gemini"]


def test_dry_run_and_refusal_change_nothing(home: Path, cs: Cs, agent: str) -> None:
    """The difference is shown all the same."""
    before = tree(home)
    answer = cs("setup", agent, "--dry-run")
    assert "+++ " in answer.out
    assert "codesession" in answer.out
    assert tree(home) == before
    assert not list(home.rglob("*.bak"))


def test_claude_code_gets_everything(home: Path, cs: Cs) -> None:
    """Skill, hooks that ask and that import, status line, MCP server; the endpoint only when asked for."""
    cs("setup", "claude-code", "--yes")
    settings = json.loads((home / ".claude/settings.json").read_text())
    commands = {event: groups[0]["hooks"][0]["command"] for event, groups in settings["hooks"].items()}
    assert {event for event, command in commands.items() if command.endswith("hook claude-code")} == {
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
    }
    assert {event for event, command in commands.items() if command.endswith("auto-log")} == {"Stop", "SessionEnd"}
    assert settings["statusLine"]["command"].endswith("statusline")
    assert "env" not in settings
    server = json.loads((home / ".claude.json").read_text())["mcpServers"]["codesession"]
    assert server["args"] == ["mcp"]
    assert (home / ".claude/skills/codesession/SKILL.md").read_text().startswith("---\nname: codesession\n")
    assert cs("hooks", "status", "claude-code", "--json").json["installed"] is True
    cs("setup", "claude-code", "--proxy", "--yes")
    settings = json.loads((home / ".claude/settings.json").read_text())
    assert settings["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:3739/p/anthropic"


def test_codex_config_stays_valid(home: Path, cs: Cs) -> None:
    """The endpoint stands before the first table, the server in one of its own."""
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text('model = "x"\n[tools]\nweb = true\n')
    cs("setup", "codex", "--proxy", "--yes")
    config = tomllib.loads((home / ".codex/config.toml").read_text())
    assert config["openai_base_url"] == "http://127.0.0.1:3739/p/openai/v1"
    assert config["mcp_servers"]["codesession"]["args"] == ["mcp"]
    assert config["tools"] == {"web": True}


def test_what_the_user_has_chosen_is_kept_and_told(home: Path, cs: Cs) -> None:
    """A status line, an endpoint, a server table of their own."""
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text(
        '{"statusLine": {"type": "command", "command": "mine"}, "env": {"ANTHROPIC_BASE_URL": "https://gateway"}}'
    )
    answer = cs("setup", "claude-code", "--proxy", "--yes")
    settings = json.loads((home / ".claude/settings.json").read_text())
    assert settings["statusLine"]["command"] == "mine"
    assert settings["env"]["ANTHROPIC_BASE_URL"] == "https://gateway"
    assert "your own statusLine was kept" in answer.err
    cs("setup", "claude-code", "--undo", "--yes")
    assert json.loads((home / ".claude/settings.json").read_text()) == {
        "statusLine": {"type": "command", "command": "mine"},
        "env": {"ANTHROPIC_BASE_URL": "https://gateway"},
    }


@pytest.mark.parametrize("text", ['{\n  // a comment\n  "gateway": {}\n}', "[1]", '{"mcp": 3}', '{"mcp": '])
def test_a_file_that_cannot_be_changed_safely_is_left(home: Path, cs: Cs, text: str) -> None:
    """The rest is set up; the note says what is missing."""
    (home / ".openclaw").mkdir()
    (home / ".openclaw/openclaw.json").write_text(text)
    answer = cs("setup", "openclaw", "--yes")
    assert answer.code == 0
    assert (home / ".openclaw/openclaw.json").read_text() == text
    assert (home / ".openclaw/skills/codesession/SKILL.md").exists()
    assert "left as it is" in answer.err


def test_without_a_name_those_found_are_set_up(home: Path, cs: Cs) -> None:
    """By their folders; none is made for an agent that is not here."""
    assert cs("setup", "--json").error["code"] == "invalid_input"
    (home / ".gemini").mkdir()
    (home / ".codex").mkdir()
    answer = cs("setup", "--json").json
    assert [each["agent"] for each in answer["agents"]] == ["codex", "gemini"]
    assert not (home / ".claude").exists()


def test_a_symbolic_link_and_a_mode_survive(home: Path, cs: Cs) -> None:
    """Dotfiles are often links into a repository, and settings hold keys."""
    real = home / "dotfiles.json"
    real.write_text("{}\n")
    real.chmod(0o640)
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").symlink_to(real)
    cs("setup", "claude-code", "--yes")
    assert (home / ".claude/settings.json").is_symlink()
    assert "statusLine" in json.loads(real.read_text())
    assert real.stat().st_mode & 0o777 == 0o640
    assert (home / ".claude.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("called", ["/opt/codesession/__main__.py", "{bin}/cs"])
def test_agents_are_told_the_installed_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, called: str) -> None:
    """Also those of `python -m codesession`: an agent would look for a bare `cs` in vain."""
    cs = tmp_path / "bin" / "cs"
    monkeypatch.setattr(sys, "executable", str(cs.with_name("python")))
    monkeypatch.setattr(sys, "argv", [called.format(bin=cs.parent)])
    assert own_program() == "cs"
    cs.parent.mkdir()
    cs.touch()
    assert own_program() == str(cs)


def test_every_agent_is_offered() -> None:
    """The choices of the command are the agents there are."""
    from codesession.cli.setup import _NAMES

    assert tuple(AGENTS) == _NAMES
