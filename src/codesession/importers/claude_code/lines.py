"""
The lines of a transcript, typed: only the fields that cost or context need are decoded.

An agent may write anything: a field of an unexpected type is read as missing, never as a reason to fail.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from codesession.importers import documents
from codesession.importers.claude_code.few import length
from codesession.importers.claude_code.plain import PlainUsage, plain_of
from codesession.importers.typed import UNREADABLE

_Raw = msgspec.Raw
UNSET = msgspec.UNSET
_PROMPT_CHARS = 80


class Message(msgspec.Struct, gc=False):
    """The API's answer inside a line, one content block of it."""

    id: str | None = None
    model: str | None = None
    usage: _Raw = _Raw(b"null")
    stop_details: _Raw | msgspec.UnsetType = UNSET
    """Only in the final delta of a stream: unset where the stream was cut (2.1.9x and later)."""
    content: _Raw = _Raw(b"null")

    @property
    def is_final(self) -> bool:
        """Whether it is of the final delta of a stream."""
        return self.stop_details is not UNSET

    @property
    def plain(self) -> PlainUsage | None:
        """The usage, where it is of the plain shape."""
        return plain_of(self.usage)

    def counts(self) -> dict[str, Any] | None:
        """The usage object; None when it is missing or something else."""
        return usage_of(self)

    @property
    def size(self) -> int:
        """Of the content, in bytes: no text in it is longer."""
        return len(self.content)

    def written(self) -> int:
        """Characters the model wrote."""
        return text_length(self.content)

    def fingerprint(self) -> int:
        """Tells contents apart, in this process."""
        return hash(bytes(self.content))


class Origin(msgspec.Struct, gc=False):
    """`forkedFrom` of a branched conversation."""

    sessionId: str | None = None


class Line(msgspec.Struct, gc=False):
    """A line of any type; `type` may be missing in old transcripts."""

    type: str | None = None
    timestamp: str | None = None
    message: Message | None = None
    uuid: str | None = None
    parentUuid: str | None = None
    sessionId: str | None = None
    session_id: str | None = None
    requestId: str | None = None
    requestSessionId: str | None = None
    forkedFrom: Origin | None = None
    sessionKind: str | None = None
    isSidechain: bool | None = None
    agentId: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    requestedModel: str | None = None
    promptCacheRequested: str | None = None
    isApiErrorMessage: bool | None = None
    apiError: Any = None
    error: Any = None

    @property
    def conversation(self) -> str | None:
        """The session the line was written by."""
        return self.sessionId or self.session_id

    @property
    def origin(self) -> str | None:
        """The conversation that a branched one was copied from."""
        return self.forkedFrom.sessionId if self.forkedFrom else None

    @property
    def is_error(self) -> bool:
        """What the client made up because a call failed."""
        return bool(self.isApiErrorMessage) or self.apiError is not None or self.error is not None


class TitleLine(msgspec.Struct, gc=False):
    """`custom-title`, `ai-title` and `summary`."""

    type: str | None = None
    sessionId: str | None = None
    customTitle: str | None = None
    aiTitle: str | None = None
    title: str | None = None
    summary: str | None = None
    leafUuid: str | None = None


_LINE = msgspec.json.Decoder(Line)
_TITLE = msgspec.json.Decoder(TitleLine)
_TYPES = {
    "message": None,
    "forkedFrom": None,
    "isSidechain": bool,
    "isApiErrorMessage": bool,
}


def decode(line: bytes) -> Line | None:
    """A line, or None when it is no JSON object."""
    try:
        return _LINE.decode(line)
    except UNREADABLE:
        return _leniently(line)


def decode_title(line: bytes) -> TitleLine | None:
    """A line with a title; None when it cannot be read as one."""
    try:
        return _TITLE.decode(line)
    except UNREADABLE:  # a title is a comfort: no reason to name the line unreadable
        return None


def prompt_text(line: bytes) -> str | None:
    """The beginning of a prompt the user typed; None for what programs put in the user's mouth."""
    found = documents.decode_object(line) or {}
    message = found.get("message") if not found.get("isMeta") else None
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, str) or content.startswith("<"):
        return None
    return " ".join(content.split())[:_PROMPT_CHARS] or None


def usage_of(message: Message) -> dict[str, Any] | None:
    """The usage object of a message; None when it is missing or something else."""
    return documents.decode_object(bytes(message.usage))


def text_length(content: bytes | msgspec.Raw) -> int:
    """Characters the model wrote in a list of content blocks; signatures and encrypted parts are not writing."""
    return length(documents.decode(bytes(content)))


def _leniently(line: bytes) -> Line | None:
    found = documents.decode_object(line)
    if found is None:
        return None
    fields: dict[str, Any] = {}
    for name in Line.__struct_fields__:
        value = found.get(name)
        if isinstance(value, _TYPES.get(name, str) or ()):
            fields[name] = value
    for name in ("apiError", "error"):
        fields[name] = found.get(name)
    origin = found.get("forkedFrom")
    if isinstance(origin, dict) and isinstance(origin.get("sessionId"), str):
        fields["forkedFrom"] = Origin(sessionId=origin["sessionId"])
    if isinstance(found.get("message"), dict):
        fields["message"] = _lenient_message(found["message"])
    return Line(**fields)


def _lenient_message(found: dict[str, Any]) -> Message:
    message = Message(
        id=_answer_id(found.get("id")),
        model=found["model"] if isinstance(found.get("model"), str) else None,
        usage=_Raw(json.dumps(found.get("usage")).encode()),
        content=_Raw(json.dumps(found.get("content")).encode()),
    )
    if "stop_details" in found:
        message.stop_details = _Raw(b"null")
    return message


def _answer_id(found: object) -> str | None:
    """A number is an id to nobody but the lines of one answer, which have it in common."""
    if isinstance(found, int) and not isinstance(found, bool):
        return f"~{found}"
    return found if isinstance(found, str) else None
