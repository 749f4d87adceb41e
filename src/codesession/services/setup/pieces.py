"""
Parts of an agent's settings. Each knows how a file's text changes when it goes in and when it comes out.

Text None: there is no such file. A piece that is in already changes nothing; one that is not ours is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from codesession.services.files import ended_like, parse_settings, settings_text

Json = dict[str, Any]

OURS = re.compile(r"(?:^|[/\\\s\"'])(?:cs|codesession)(?:\.exe)?[\"']? (?:hook \S+|auto-log|statusline)\s*$")
"""A command of ours, whatever folder it is called from."""
_ENDPOINT = re.compile(r"http://127\.0\.0\.1:\d+(/p/\S*)?$")

_BEGIN, _END = "# >>> codesession", "# <<< codesession"


class KeptError(Exception):
    """The file stays as it is; the message says why, and what the user can do."""


class Piece(Protocol):
    """One thing in one file."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def what(self) -> str:
        """What it is, for people."""

    def put_in(self, text: str | None) -> str | None:
        """The text with the piece; raises `KeptError`."""

    def take_out(self, text: str | None) -> str | None:
        """The text without it; None: nothing is left of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFile:
    """A file that is all ours."""

    path: Path
    what: str
    text: str

    def put_in(self, text: str | None) -> str:
        """Ours, whatever was there."""
        return self.text

    def take_out(self, text: str | None) -> str | None:
        """Gone."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonEntry:
    """A value at a place in a JSON object."""

    path: Path
    what: str
    keys: tuple[str, ...]
    value: Any
    is_ours: Callable[[Any], bool] = lambda _: True
    """Whether a value that is there may be replaced, and taken out."""

    def put_in(self, text: str | None) -> str:
        """Set the value, unless the user has one of their own."""
        found = _loaded(text, self)
        parent = _reached(found, self.keys[:-1], self)
        known = parent.get(self.keys[-1])
        if known is not None and not self.is_ours(known):
            raise KeptError(f"{self.path}: your own {'.'.join(self.keys)} was kept")
        parent[self.keys[-1]] = self.value
        return _dumped(found, text)

    def take_out(self, text: str | None) -> str | None:
        """Drop the value, and the objects it leaves empty."""
        found = _loaded(text, self)
        parents = [found]
        for key in self.keys[:-1]:
            inner = parents[-1].get(key)
            if not isinstance(inner, dict):
                return text
            parents.append(inner)
        known = parents[-1].get(self.keys[-1])
        if known is None or not self.is_ours(known):
            return text
        for parent, key in zip(reversed(parents), reversed(self.keys), strict=True):
            del parent[key]
            if parent:
                break
        return _dumped(found, text) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonHooks:
    """Our commands at the events of an agent that has Claude's form of hooks."""

    path: Path
    what: str
    commands: Mapping[str, str]
    """Event to command."""
    matched: tuple[str, ...] = ()
    """Events whose groups need a matcher."""
    timeout: Mapping[str, int]
    """Command to how long it may take, in the agent's own unit."""
    named: bool = False
    """Whether hooks have a name (Gemini)."""

    def put_in(self, text: str | None) -> str:
        """At every event one group of ours, behind those of others."""
        found = _loaded(text, self)
        hooks = _reached(found, ("hooks",), self)
        before = json.dumps(hooks)
        for event, command in self.commands.items():
            groups = hooks.get(event, [])
            if not isinstance(groups, list):
                raise KeptError(f"{self.path}: hooks.{event} is not in the form that is known; it was left as it is")
            kept = _without_ours(groups)
            hooks[event] = [*kept, self._group(event, command)]
        return (text or "") if json.dumps(hooks) == before else _dumped(found, text)

    def _group(self, event: str, command: str) -> Json:
        hook: Json = {"type": "command", "command": command, "timeout": self.timeout[command]}
        group: Json = {"matcher": "*"} if event in self.matched else {}
        group["hooks"] = [{"name": "codesession", **hook} if self.named else hook]
        return group

    def take_out(self, text: str | None) -> str | None:
        """Our commands, the groups and events they leave empty."""
        found = _loaded(text, self)
        hooks = found.get("hooks")
        if not isinstance(hooks, dict):
            return text
        changed = False
        for event, groups in list(hooks.items()):
            kept = _without_ours(groups) if isinstance(groups, list) else groups
            if kept != groups:
                changed = True
                hooks[event] = kept
                if not kept:
                    del hooks[event]
        if not changed:
            return text
        if not hooks:
            del found["hooks"]
        return _dumped(found, text) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedBlock:
    """Lines between two marks, at the top or the bottom of a file of lines (`config.toml`, `.env`)."""

    path: Path
    what: str
    name: str
    """Tells several blocks of one file apart."""
    lines: tuple[str, ...]
    conflict: str
    """What the rest of the file must not say itself (a regular expression)."""
    on_top: bool = False
    check: Callable[[str], object] = str
    """Reads the whole file as what it is; a `ValueError` keeps it as it was."""

    def put_in(self, text: str | None) -> str:
        """The block as it should be, where it was or at its end of the file."""
        rest = self._rest(text or "")
        if re.search(self.conflict, rest, re.MULTILINE):
            raise KeptError(f"{self.path}: your own setting for {self.what} was kept")
        block = "\n".join([f"{_BEGIN} {self.name}", *self.lines, f"{_END} {self.name}"]) + "\n"
        block = ended_like(block, rest)
        if text is not None and block in text:
            return text
        ended = rest if not rest or rest.endswith("\n") else rest + ended_like("\n", rest)
        result = block + rest if self.on_top else ended + block
        try:
            self.check(result)
        except ValueError as error:
            raise KeptError(f"{self.path} was left as it is: {error}; put in by hand:\n{block}") from error
        return result

    def take_out(self, text: str | None) -> str | None:
        """The file without the block; None when nothing else was in it."""
        if text is None:
            return None
        rest = self._rest(text)
        return None if rest != text and not rest.strip() else rest

    def _rest(self, text: str) -> str:
        name = re.escape(self.name)
        return re.sub(rf"^{_BEGIN} {name}\r?\n.*?^{_END} {name}(?:\r?\n)?", "", text, flags=re.MULTILINE | re.DOTALL)


def is_our_endpoint(value: Any) -> bool:
    """Whether a base URL leads to a proxy of ours on this machine."""
    return isinstance(value, str) and _ENDPOINT.match(value) is not None


def is_our_command(value: Any) -> bool:
    """Whether a settings entry runs a command of ours."""
    command = value.get("command") if isinstance(value, dict) else None
    return isinstance(command, str) and OURS.search(command) is not None


def _without_ours(groups: list[Any]) -> list[Any]:
    kept = []
    for group in groups:
        inner = group.get("hooks") if isinstance(group, dict) else None
        if not isinstance(inner, list):
            kept.append(group)
            continue
        others = [hook for hook in inner if not is_our_command(hook)]
        if others == inner:
            kept.append(group)
        elif others:
            kept.append({**group, "hooks": others})
    return kept


def _loaded(text: str | None, piece: Piece) -> Json:
    try:
        return parse_settings(text)
    except ValueError as error:
        hint = _fragment(piece)
        raise KeptError(f"{piece.path} is no plain JSON ({error}); it was left as it is{hint}") from error


def _fragment(piece: Piece) -> str:
    """What to put in by hand where we cannot."""
    if not isinstance(piece, JsonEntry):
        return ""
    value = piece.value
    for key in reversed(piece.keys):
        value = {key: value}
    return f"; put in by hand: {json.dumps(value)}"


def _reached(found: Json, keys: tuple[str, ...], piece: Piece) -> Json:
    """The object at a place, made where it is missing."""
    for key in keys:
        inner = found.setdefault(key, {})
        if not isinstance(inner, dict):
            raise KeptError(f"{piece.path}: {key} is not in the form that is known; it was left as it is")
        found = inner
    return found


def _dumped(found: Json, before: str | None) -> str:
    """The text as it was when it says the same."""
    if before is not None and before.strip() and parse_settings(before) == found:
        return before
    return settings_text(found, before)
