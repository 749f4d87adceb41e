"""
The first lines a process reads, without `msgspec`: to load it takes as long as to read a thousand lines.

A hook imports the lines of one turn, and then its process ends. Only what is plain in every respect is read here;
`lines` decides about all else, and tests hold both to the same answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from math import isinf

from codesession.domain.facts import fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from codesession.importers.claude_code.lines import Line as TypedLine
    from codesession.importers.claude_code.lines import Message as TypedMessage

_FEW = 200
_first = iter(range(_FEW))
_DIGITS = 18
"""What surely fits into 64 bits."""


@fact(slots=True, kw_only=True)
class Message:
    """The API's answer inside a line."""

    id: str | None
    model: str | None
    usage: Any
    content: Any
    is_final: bool

    plain = None  # the general way is fast enough for a few

    def counts(self) -> dict[str, Any] | None:
        """The usage object; None when it is missing or something else."""
        return self.usage if isinstance(self.usage, dict) else None

    @property
    def size(self) -> int:
        """Of the content: no text in it is longer."""
        return self.written()

    def written(self) -> int:
        """Characters the model wrote."""
        return length(self.content)

    def fingerprint(self) -> int:
        """Tells contents apart, in this process."""
        return hash(repr(self.content))


@fact(slots=True, kw_only=True)
class Line:
    """A line with the fields that `lines.Line` has."""

    type: str | None
    timestamp: str | None
    message: Message | None
    uuid: str | None
    parentUuid: str | None
    sessionId: str | None
    session_id: str | None
    requestId: str | None
    requestSessionId: str | None
    origin: str | None
    sessionKind: str | None
    isSidechain: bool | None
    agentId: str | None
    cwd: str | None
    gitBranch: str | None
    version: str | None
    requestedModel: str | None
    promptCacheRequested: str | None
    is_error: bool

    @property
    def conversation(self) -> str | None:
        """The session the line was written by."""
        return self.sessionId or self.session_id


if TYPE_CHECKING:
    AnyLine: TypeAlias = "Line | TypedLine"
    AnyMessage: TypeAlias = "Message | TypedMessage"

_STRINGS = (
    *("type", "timestamp", "uuid", "parentUuid", "sessionId", "session_id", "requestId", "requestSessionId"),
    *("sessionKind", "agentId", "cwd", "gitBranch", "version", "requestedModel", "promptCacheRequested"),
)


def decoder() -> Callable[[bytes], AnyLine | None]:
    """What reads the lines of a file, each None when it is no JSON object."""
    if "msgspec" not in sys.modules:
        return _decode
    from codesession.importers.claude_code.lines import decode

    return decode


def length(blocks: object) -> int:
    """Characters the model wrote in a list of content blocks; signatures and encrypted parts are not writing."""
    if isinstance(blocks, str):
        return len(blocks)
    return sum(_block_length(block) for block in blocks) if isinstance(blocks, list) else 0


def plain_line(raw: bytes) -> Line | None:
    """A line that leaves no doubt; None for any other."""
    if b"\\ud" in raw or b"\\uD" in raw:  # perhaps half a character
        return None
    try:
        found = _JSON.decode(raw.decode())
    except (ValueError, RecursionError):
        return None
    message, origin = found.get("message"), found.get("forkedFrom")
    sidechain, failed = found.get("isSidechain"), found.get("isApiErrorMessage")
    if not (isinstance(message, dict | None) and isinstance(origin, dict | None)):
        return None
    texts = {name: found.get(name) for name in _STRINGS}
    own = {name: (message or {}).get(name) for name in ("id", "model")}
    parent = (origin or {}).get("sessionId")
    if not all(isinstance(value, str | None) for value in (*texts.values(), *own.values(), parent)):
        return None
    if not all(isinstance(value, bool | None) for value in (sidechain, failed)):
        return None
    return Line(
        **texts,
        message=None if message is None else _message(message, own),
        origin=parent,
        isSidechain=sidechain,
        is_error=bool(failed) or found.get("apiError") is not None or found.get("error") is not None,
    )


def _decode(raw: bytes) -> AnyLine | None:
    line = None if next(_first, None) is None else plain_line(raw)
    if line is not None:
        return line
    from codesession.importers.claude_code import lines

    return lines.decode(raw)


def _message(found: dict[str, Any], own: dict[str, Any]) -> Message:
    return Message(**own, usage=found.get("usage"), content=found.get("content"), is_final="stop_details" in found)


def _block_length(block: object) -> int:
    if not isinstance(block, dict):
        return 0
    written = block.get("text") or block.get("thinking") or block.get("input") or ""
    return len(written) if isinstance(written, str) else len(str(written))


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError("a large number")
    return int(digits)


def _fraction(digits: str) -> float:
    if isinf(value := float(digits)):
        raise ValueError("a large number")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_number)
