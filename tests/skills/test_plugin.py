"""The Claude Code plugin: its files are there, its commands exist, its hooks are those of `cs setup`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from codesession.cli.main import COMMANDS
from codesession.services.setup.agents import AGENTS, Place

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".claude-plugin"
PLUGIN: dict[str, Any] = json.loads((FOLDER / "plugin.json").read_text())


def test_every_file_it_names_is_there() -> None:
    """Relative to the root of the plugin, as its paths must be."""
    named = [*PLUGIN["commands"], PLUGIN["hooks"], PLUGIN["mcpServers"]]
    assert all(path.startswith("./") and (ROOT / path).is_file() for path in named)
    assert (ROOT / "skills" / "codesession" / "SKILL.md").is_file()
    market = json.loads((FOLDER / "marketplace.json").read_text())
    assert [plugin["name"] for plugin in market["plugins"]] == [PLUGIN["name"]]


def test_it_has_the_four_commands_and_each_names_programs_of_ours() -> None:
    """With a description, and only commands that exist."""
    names = {Path(path).stem for path in PLUGIN["commands"]}
    assert names == {"status", "budget", "today", "dashboard"}
    for path in PLUGIN["commands"]:
        text = (ROOT / path).read_text()
        assert re.match(r"---\ndescription: .+\n", text)
        used = re.findall(r"`cs ([a-z-]+)", text)
        assert used
        assert set(used) <= set(COMMANDS)


def test_its_hooks_are_those_that_setup_installs(tmp_path: Path) -> None:
    """Called by name: a plugin cannot know where `cs` is."""
    place = Place(home=tmp_path, environment={}, program="cs")
    (hooks,) = [piece for piece in AGENTS["claude-code"].pieces(place) if piece.what == "hooks"]
    installed = json.loads(hooks.put_in(None) or "")["hooks"]
    assert json.loads((FOLDER / "hooks.json").read_text())["hooks"] == installed


def test_its_server_is_ours() -> None:
    """`cs mcp` on stdin and stdout."""
    servers = json.loads((FOLDER / "mcp.json").read_text())["mcpServers"]
    assert servers == {"codesession": {"type": "stdio", "command": "cs", "args": ["mcp"]}}
