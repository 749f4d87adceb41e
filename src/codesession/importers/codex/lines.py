"""
The lines of a rollout, typed: `{timestamp, ordinal?, type, payload}`.

Payloads are decoded by type; a field of an unexpected type makes its payload unreadable, which is counted.
"""

from __future__ import annotations

from typing import Any

import msgspec

from codesession.importers.jsonl import text_of
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


_LINE = msgspec.json.Decoder(Line)
_PAYLOADS: dict[str, msgspec.json.Decoder[Any]] = {
    "session_meta": msgspec.json.Decoder(Meta),
    "turn_context": msgspec.json.Decoder(TurnContext),
    "event_msg": msgspec.json.Decoder(Event),
    "token_usage_record": msgspec.json.Decoder(Record),
}


def decode(raw: bytes) -> tuple[Line, Any] | None:
    """The envelope and its typed payload (None for a type that does not matter); None for a broken line."""
    try:
        return _decode(raw)
    except RecursionError:
        return None
    except UNREADABLE:
        pass  # once more with what is no UTF-8 replaced
    try:
        return _decode(text_of(raw).encode())
    except UNREADABLE:
        return None


def _decode(raw: bytes) -> tuple[Line, Any]:
    line = _LINE.decode(raw)
    decoder = _PAYLOADS.get(line.type or "")
    return line, None if decoder is None else decoder.decode(line.payload)
