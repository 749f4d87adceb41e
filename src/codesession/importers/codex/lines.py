"""
The lines of a rollout, typed: `{timestamp, ordinal?, type, payload}`.

Payloads are decoded by type; a field of an unexpected type is read as missing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeVar, get_args

import msgspec

from codesession.importers.documents import decode_object
from codesession.importers.typed import UNREADABLE

Counts = dict[str, Any]


class Line(msgspec.Struct, gc=False):
    """The envelope."""

    type: str | None = None
    timestamp: str | None = None
    ordinal: int | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class Git(msgspec.Struct, gc=False):
    """Where the thread began."""

    branch: str | None = None


class Meta(msgspec.Struct, gc=False):
    """`session_meta`: the first one names the file's thread."""

    id: str | None = None
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    subagent_history_start_ordinal: int | None = None
    history_base: Any = None
    cwd: str | None = None
    cli_version: str | None = None
    model_provider: str | None = None
    source: Any = None
    git: Git | None = None

    @property
    def spawned_by(self) -> str | None:
        """The thread this one is a sub-agent of."""
        source = self.source.get("subagent") if isinstance(self.source, dict) else None
        spawn = source.get("thread_spawn") if isinstance(source, dict) else None
        parent = spawn.get("parent_thread_id") if isinstance(spawn, dict) else None
        found = self.parent_thread_id or parent
        return found if isinstance(found, str) else None


class TurnContext(msgspec.Struct, gc=False):
    """What a turn is asked with."""

    turn_id: str | None = None
    model: str | None = None
    cwd: str | None = None


class Settings(msgspec.Struct, gc=False):
    """`thread_settings_applied`: the only place of the service tier."""

    model: str | None = None
    model_provider_id: str | None = None
    service_tier: str | None = None


class TokenInfo(msgspec.Struct, gc=False):
    """`token_count`: cumulative and last counts."""

    total_token_usage: Counts | None = None
    last_token_usage: Counts | None = None
    model: str | None = None


class Event(msgspec.Struct, gc=False):
    """`event_msg`, the fields of those types that matter."""

    type: str | None = None
    turn_id: str | None = None
    info: TokenInfo | None = None
    thread_settings: Settings | None = None
    thread_name: str | None = None
    message: Any = None


class Record(msgspec.Struct, gc=False):
    """`token_usage_record`: one API response."""

    thread_id: str | None = None
    turn_id: str | None = None
    response_id: str | None = None
    usage: Counts | None = None
    thread_token_usage: Counts | None = None


_KINDS: dict[str, type[msgspec.Struct]] = {
    "session_meta": Meta,
    "turn_context": TurnContext,
    "event_msg": Event,
    "token_usage_record": Record,
}
_LINE = msgspec.json.Decoder(Line)
_PAYLOADS: dict[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(kind) for name, kind in _KINDS.items()}
_T = TypeVar("_T", bound=msgspec.Struct)


def decode(raw: bytes) -> tuple[Line, Any] | None:
    """The envelope and its typed payload (None for a type that does not matter); None for a broken line."""
    try:
        line = _LINE.decode(raw)
        decoder = _PAYLOADS.get(line.type or "")
        return line, None if decoder is None else decoder.decode(line.payload)
    except UNREADABLE:
        return _leniently(raw)


def _leniently(raw: bytes) -> tuple[Line, Any] | None:
    """The same where something is no UTF-8, half a character, or not of its type."""
    found = decode_object(raw)
    if found is None:
        return None
    line, payload = _readable(Line, {**found, "payload": None}), found.get("payload")
    kind = _KINDS.get(line.type or "")
    if kind is None:
        return line, None
    return (line, _readable(kind, payload)) if isinstance(payload, dict) else None


def _readable(kind: type[_T], found: dict[str, Any]) -> _T:
    """What of an object has its type."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        value = found.get(field.name)
        inner = [each for each in get_args(field.type) if isinstance(each, type) and issubclass(each, msgspec.Struct)]
        if inner and isinstance(value, dict):
            fields[field.name] = _readable(inner[0], value)
        elif value is not None:
            with suppress(msgspec.ValidationError):
                fields[field.name] = msgspec.convert(value, field.type)
    return kind(**fields)
