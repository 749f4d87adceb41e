"""
Asking an OpenAI stream for its usage: the only change the proxy ever makes to a request.

Without `stream_options.include_usage` the provider reports no usage and the cost would stay unknown. The edit
inserts the option into the JSON text and keeps every other byte.
"""

from __future__ import annotations

import json
import re

import msgspec

ASKED = ("openai.chat", "openai.completions")
"""Wire formats whose streams tell their usage only to who asks."""
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_OPTION = '"include_usage":true'

_SIGNED = (b"digest", b"content-digest", b"content-md5", b"signature", b"x-amz-content-sha256")
"""Headers that bind the exact body; with one of them the request is left alone."""


def may_edit(headers: dict[bytes, bytes]) -> bool:
    """Whether a request's headers allow its body to be changed: not compressed, not signed."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return False
    return not any(name in headers for name in _SIGNED)


def ask_for_usage(body: bytes) -> bytes | None:
    """
    The request with `stream_options.include_usage` set, or None when there is nothing to do.

    Nothing to do: no stream, the option is there (true *or* false: the client decided), or no JSON object.
    """
    if b'"stream"' not in body:
        return None
    try:
        asked = _decode(body)
        if bytes(asked.stream) != b"true":
            return None
        if asked.stream_options:
            text = body.decode()
            return _edited(text, *_members(text)["stream_options"])
    except (msgspec.MsgspecError, ValueError, RecursionError):  # not JSON: the provider will say so to the client
        return None
    at = body.index(b"{") + 1
    return b'%b"stream_options":{%b},%b' % (body[:at], _OPTION.encode(), body[at:])


class _Asked(msgspec.Struct):
    stream: msgspec.Raw = msgspec.Raw()
    stream_options: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Asked).decode
"""Passes over the prompt without building it."""


def _edited(text: str, start: int, end: int) -> bytes | None:
    value = json.loads(text[start:end])
    if value is None:
        return f"{text[:start]}{{{_OPTION}}}{text[end:]}".encode()
    if not isinstance(value, dict) or "include_usage" in value:
        return None
    comma = "," if value else ""
    return f"{text[: start + 1]}{_OPTION}{comma}{text[start + 1 :]}".encode()


def _members(text: str) -> dict[str, tuple[int, int]]:
    """Where the value of each top-level member stands; of a repeated name the last, as parsers read it."""
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("not an object")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError("not a member")
        start = _skip(text, at + 1)
        end = _DECODER.raw_decode(text, start)[1]
        spans[name] = start, end
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise ValueError("not an object")
    if _skip(text, at + 1) != len(text):
        raise ValueError("more than one value")
    return spans


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
