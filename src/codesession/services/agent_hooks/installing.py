"""
Our hooks in an agent's settings: put in, taken out, looked for. Everything else in the file stays as it was.

The file is read and written as JSON, in its own order and indentation. One that cannot be read (comments, a typing
error) is left untouched: the error says what to put in by hand.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesession.errors import InvalidInputError, reason
from codesession.services.files import copies, free_copy, parse_settings, read_text, settings_text, write_whole

EVENTS: Mapping[str, tuple[str, ...]] = {
    "claude-code": ("UserPromptSubmit", "PreToolUse", "PostToolUse"),
    "codex": ("UserPromptSubmit", "SessionStart"),
}
"""Where each agent lets itself be stopped. Never `Stop`: refusing there makes agents go on."""

_TIMEOUT_S = 10
_WITH_MATCHER = ("PreToolUse", "PostToolUse")


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """How our hooks stand in one agent's settings."""

    agent: str
    path: Path
    installed: bool
    """At every event."""
    changed: bool = False
    backup: Path | None = None
    """Copy of the settings as they were."""


def settings_path(agent: str, environment: Mapping[str, str], home: Path) -> Path:
    """The settings file of an agent that hooks go into."""
    if agent == "claude-code":
        return Path(environment.get("CLAUDE_CONFIG_DIR") or home / ".claude") / "settings.json"
    if agent == "codex":
        return Path(environment.get("CODEX_HOME") or home / ".codex") / "hooks.json"
    raise InvalidInputError(f"no hooks are known for {agent!r}", hint=f"there are {', '.join(EVENTS)}")


def state(agent: str, path: Path) -> HookState:
    """Whether our hooks are in."""
    hooks = _hooks_of(_read(path)[0], path)
    return HookState(agent=agent, path=path, installed=_is_complete(hooks, agent))


def install(agent: str, path: Path, program: str, *, stamp: str) -> HookState:
    """Put our hooks in; a second time changes nothing. `stamp` tells backups apart."""
    settings, text = _read(path)
    hooks = _hooks_of(settings, path)
    command = f"{_quoted(program)} hook {agent}"
    for event in EVENTS[agent]:
        if _commands(hooks, event, agent) != [command]:
            _take_out(hooks, event, agent)
            group: dict[str, Any] = {"matcher": "*"} if event in _WITH_MATCHER else {}
            group["hooks"] = [{"type": "command", "command": command, "timeout": _TIMEOUT_S}]
            hooks.setdefault(event, []).append(group)
    settings.setdefault("hooks", hooks)
    return _saved(agent, path, settings, text, stamp, installed=True)


def uninstall(agent: str, path: Path, *, stamp: str) -> HookState:
    """Take our hooks out; whatever else is at the same events stays, byte for byte if nothing else was changed."""
    settings, text = _read(path)
    hooks = _hooks_of(settings, path)
    before = dict(hooks)
    for event in before:
        _take_out(hooks, event, agent)
    if before and not hooks:
        settings.pop("hooks", None)
    return _saved(agent, path, settings, text, stamp, installed=False)


def _read(path: Path) -> tuple[dict[str, Any], str | None]:
    """The settings and their text; None for a file that is not there."""
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {reason(error)}") from error
    try:
        return parse_settings(text), text
    except ValueError as error:
        hint = "mend the file; it was left as it is"
        raise InvalidInputError(f"{path} is no JSON as settings are: {error}", hint=hint) from error


def _hooks_of(settings: dict[str, Any], path: Path) -> dict[str, Any]:
    hooks = settings.get("hooks", {})
    groups = hooks.values() if isinstance(hooks, dict) else [None]
    if not all(isinstance(each, list) and all(map(_is_group, each)) for each in groups):
        raise InvalidInputError(f"{path}: `hooks` is not in the form that is known; it was left as it is")
    found: dict[str, Any] = hooks
    return found


def _is_group(group: Any) -> bool:
    return isinstance(group, dict) and isinstance(group.get("hooks", []), list)


def _is_complete(hooks: Mapping[str, Any], agent: str) -> bool:
    return all(_commands(hooks, event, agent) for event in EVENTS[agent])


def _commands(hooks: Mapping[str, Any], event: str, agent: str) -> list[str]:
    """Our commands at an event."""
    found = [hook for group in hooks.get(event, []) for hook in group.get("hooks", [])]
    return [hook["command"] for hook in found if _is_ours(hook, agent)]


def _is_ours(hook: Any, agent: str) -> bool:
    command = hook.get("command") if isinstance(hook, dict) else None
    return isinstance(command, str) and bool(
        re.search(rf"(?:^|[/\\\s\"'])(?:cs|codesession)(?:\.exe)?[\"']? hook {agent}\s*$", command)
    )


def _take_out(hooks: dict[str, Any], event: str, agent: str) -> None:
    """Our commands, the groups they leave empty, the event if nothing is left at it."""
    if not _commands(hooks, event, agent):
        return
    kept = []
    for group in hooks[event]:
        others = [hook for hook in group.get("hooks", []) if not _is_ours(hook, agent)]
        if others or not group.get("hooks"):
            kept.append({**group, "hooks": others} if "hooks" in group else group)
    hooks[event] = kept
    if not kept:
        del hooks[event]


def _saved(
    agent: str, path: Path, settings: dict[str, Any], before: str | None, stamp: str, *, installed: bool
) -> HookState:
    """Write what changed, after a copy; a file that was made for our hooks alone goes with them."""
    if parse_settings(before) == settings:
        return HookState(agent=agent, path=path, installed=installed)
    target = Path(os.path.realpath(path))
    backup = None
    try:
        after = None if installed else _earlier(target, settings)
        if after is None and not settings:
            target.unlink()
            return HookState(agent=agent, path=path, installed=installed, changed=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600
        if before is not None:
            mode = target.stat().st_mode & 0o777
            backup = free_copy(target, stamp)
            write_whole(backup, before, mode)
        write_whole(target, settings_text(settings, before) if after is None else after, mode)
    except OSError as error:
        raise InvalidInputError(f"cannot write {path}: {reason(error)}") from error
    return HookState(agent=agent, path=path, installed=installed, changed=True, backup=backup)


def _earlier(target: Path, settings: dict[str, Any]) -> str | None:
    """The file's text from before our hooks came, if nothing else was changed since."""
    for copy in copies(target):
        with contextlib.suppress(OSError, ValueError):  # a copy that nobody can read is none
            text = read_text(copy)
            found = parse_settings(text)
            if found.get("hooks") == {}:
                del found["hooks"]
            if json.dumps(found) == json.dumps(settings):
                return text
    return None


def _quoted(program: str) -> str:
    return f'"{program}"' if re.search(r"\s", program) else program
