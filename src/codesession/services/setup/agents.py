"""
Which pieces each agent has, and where.

Claude Code 2.1: settings.json (hooks, statusLine, env), .claude.json (MCP servers of the user), skills/.
Codex 0.169: hooks.json, config.toml (mcp_servers, openai_base_url), skills/; new hooks run once they are trusted.
OpenClaw 2026.9: openclaw.json (mcp.servers), skills/.
Gemini CLI 0.61: settings.json (hooks, mcpServers), .env, skills/.
OpenCode 1.18: opencode.json (mcp, provider.<id>.options.baseURL), skills/.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from codesession.services.setup.pieces import (
    JsonEntry,
    JsonHooks,
    MarkedBlock,
    Piece,
    WholeFile,
    is_our_command,
    is_our_endpoint,
)

_QUICK_S, _IMPORT_S = 10, 60
"""How long a hook may take that asks a budget, and one that imports a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The machine of whoever runs the command."""

    home: Path
    environment: Mapping[str, str]
    program: str
    """How `cs` is called: its full path, because agents may run with another PATH."""
    proxy: str | None = None
    """`http://127.0.0.1:3739`, where calls should go through the proxy; None: leave the endpoint alone."""

    def folder(self, variable: str, default: str) -> Path:
        """An agent's folder: where its variable says, else below the home."""
        named = self.environment.get(variable)
        return Path(named) if named else self.home / default

    def command(self, arguments: str) -> str:
        """A shell command of ours."""
        quoted = f'"{self.program}"' if re.search(r"\s", self.program) else self.program
        return f"{quoted} {arguments}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent that can be set up."""

    title: str
    folder: Callable[[Place], Path]
    """Its own folder: the agent is here if this is."""
    pieces: Callable[[Place], list[Piece]]
    notes: tuple[str, ...] = ()
    """What the user should know."""


def _claude_folder(place: Place) -> Path:
    return place.folder("CLAUDE_CONFIG_DIR", ".claude")


def _claude(place: Place) -> list[Piece]:
    folder = _claude_folder(place)
    settings = folder / "settings.json"
    own = place.environment.get("CLAUDE_CONFIG_DIR")
    ask, take_in = place.command("hook claude-code"), place.command("auto-log")
    events = {"UserPromptSubmit": ask, "PreToolUse": ask, "PostToolUse": ask, "Stop": take_in, "SessionEnd": take_in}
    pieces: list[Piece] = [
        _skill(folder),
        JsonHooks(
            path=settings,
            what="hooks",
            commands=events,
            matched=("PreToolUse", "PostToolUse"),
            timeout={ask: _QUICK_S, take_in: _IMPORT_S},
        ),
        JsonEntry(
            path=settings,
            what="status line",
            keys=("statusLine",),
            value={"type": "command", "command": place.command("statusline")},
            is_ours=is_our_command,
        ),
        _mcp(
            (folder if own else place.home) / ".claude.json",
            ("mcpServers", "codesession"),
            {"type": "stdio", "command": place.program, "args": ["mcp"]},
        ),
    ]
    return [*pieces, *_endpoint(place, settings, ("env", "ANTHROPIC_BASE_URL"), "/p/anthropic")]


def _codex_folder(place: Place) -> Path:
    return place.folder("CODEX_HOME", ".codex")


def _codex(place: Place) -> list[Piece]:
    folder = _codex_folder(place)
    config = folder / "config.toml"
    ask, take_in = place.command("hook codex"), place.command("auto-log")
    events = {"UserPromptSubmit": ask, "SessionStart": ask, "Stop": take_in, "SessionEnd": take_in}
    endpoint = MarkedBlock(
        path=config,
        what="the endpoint",
        name="endpoint",
        lines=(f"openai_base_url = {json.dumps((place.proxy or '') + '/p/openai/v1')}",),
        conflict=r"^\s*openai_base_url\s*=",
        on_top=True,
        check=tomllib.loads,
    )
    return [
        _skill(folder),
        JsonHooks(
            path=folder / "hooks.json",
            what="hooks",
            commands=events,
            timeout={ask: _QUICK_S, take_in: _IMPORT_S},
        ),
        MarkedBlock(
            path=config,
            what="the MCP server",
            name="mcp",
            lines=("[mcp_servers.codesession]", f"command = {json.dumps(place.program)}", 'args = ["mcp"]'),
            conflict=r"^\s*\[\s*mcp_servers\s*\.\s*\"?codesession\"?\s*\]",
            check=tomllib.loads,
        ),
        *([endpoint] if place.proxy is not None else []),
    ]


def _openclaw_folder(place: Place) -> Path:
    return place.folder("OPENCLAW_STATE_DIR", ".openclaw")


def _openclaw(place: Place) -> list[Piece]:
    folder = _openclaw_folder(place)
    named = place.environment.get("OPENCLAW_CONFIG_PATH")
    config = Path(named) if named else folder / "openclaw.json"
    pieces: list[Piece] = [
        _skill(folder),
        _mcp(config, ("mcp", "servers", "codesession"), {"command": place.program, "args": ["mcp"]}),
    ]
    keys = ("models", "providers", "anthropic", "baseUrl")
    return [*pieces, *_endpoint(place, config, keys, "/p/anthropic")]


def _gemini_folder(place: Place) -> Path:
    return place.folder("GEMINI_CLI_HOME", ".") / ".gemini"


def _gemini(place: Place) -> list[Piece]:
    folder = _gemini_folder(place)
    settings = folder / "settings.json"
    ask, take_in = place.command("hook gemini"), place.command("auto-log")
    endpoint = MarkedBlock(
        path=folder / ".env",
        what="the endpoint",
        name="endpoint",
        lines=(f"GOOGLE_GEMINI_BASE_URL={place.proxy}/p/google",),
        conflict=r"^\s*(export\s+)?GOOGLE_GEMINI_BASE_URL\s*=",
    )
    return [
        _skill(folder),
        JsonHooks(
            path=settings,
            what="hooks",
            commands={"BeforeAgent": ask, "BeforeModel": ask, "SessionEnd": take_in},
            matched=(),
            timeout={ask: _QUICK_S * 1000, take_in: _IMPORT_S * 1000},
            named=True,
        ),
        _mcp(settings, ("mcpServers", "codesession"), {"command": place.program, "args": ["mcp"]}),
        *([endpoint] if place.proxy is not None else []),
    ]


def _opencode_folder(place: Place) -> Path:
    return place.folder("XDG_CONFIG_HOME", ".config") / "opencode"


def _opencode(place: Place) -> list[Piece]:
    folder = _opencode_folder(place)
    plain, commented = folder / "opencode.json", folder / "opencode.jsonc"
    config = commented if commented.exists() and not plain.exists() else plain
    value = {"type": "local", "command": [place.program, "mcp"], "enabled": True}
    pieces: list[Piece] = [_skill(folder), _mcp(config, ("mcp", "codesession"), value)]
    for provider, ending in (("anthropic", "/p/anthropic/v1"), ("openai", "/p/openai/v1")):
        pieces += _endpoint(place, config, ("provider", provider, "options", "baseURL"), ending)
    return pieces


AGENTS: Mapping[str, Agent] = {
    "claude-code": Agent(title="Claude Code", folder=_claude_folder, pieces=_claude),
    "codex": Agent(
        title="Codex",
        folder=_codex_folder,
        pieces=_codex,
        notes=("Codex runs new hooks only after you have trusted them in its own dialogue",),
    ),
    "openclaw": Agent(
        title="OpenClaw",
        folder=_openclaw_folder,
        pieces=_openclaw,
        notes=("OpenClaw has no command hooks: its calls are counted from its logs, `cs import openclaw`",),
    ),
    "gemini": Agent(title="Gemini CLI", folder=_gemini_folder, pieces=_gemini),
    "opencode": Agent(
        title="OpenCode",
        folder=_opencode_folder,
        pieces=_opencode,
        notes=("OpenCode has no command hooks: its calls are counted from its database, `cs import opencode`",),
    ),
}


def skill_text() -> str:
    """The skill that teaches an agent the workflow."""
    return files("codesession.services.setup").joinpath("SKILL.md").read_text("utf-8")


def _skill(folder: Path) -> Piece:
    return WholeFile(path=folder / "skills" / "codesession" / "SKILL.md", what="the skill", text=skill_text())


def _mcp(path: Path, keys: tuple[str, ...], value: object) -> Piece:
    return JsonEntry(path=path, what="the MCP server", keys=keys, value=value)


def _endpoint(place: Place, path: Path, keys: tuple[str, ...], ending: str) -> list[Piece]:
    """The place that calls are sent to: only where it was asked for."""
    if place.proxy is None:
        return []
    value = place.proxy + ending
    return [JsonEntry(path=path, what="the endpoint", keys=keys, value=value, is_ours=is_our_endpoint)]
