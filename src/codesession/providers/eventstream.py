"""
`application/vnd.amazon.eventstream`: the binary frames in which Bedrock streams.

A frame is: total length and headers length (4 bytes each, big-endian), CRC-32 of those, headers, payload,
CRC-32 of everything before. Source: docs.aws.amazon.com, event stream encoding.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
import zlib

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_OVERHEAD = _PRELUDE.size + _CRC.size
MAX_FRAME_BYTES = 24 * 1024 * 1024
"""The format allows 16 MiB of payload and 128 KiB of headers; more means that the frames are lost."""

_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Header value type to bytes; 6 and 7 are byte arrays and strings with a length of their own."""
_STRING = 7


class EventStreamDecoder:
    """
    Each frame as one JSON payload.

    InvokeModel wraps the maker's own event as base64 in `{"bytes": …}`: it is unwrapped. Converse names the
    event in a header: it becomes the key, as in `{"metadata": {…}}`.
    """

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self.skipped = 0
        self._limit = limit
        self._buffer = bytearray()
        self._lost = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that this chunk completes."""
        if self._lost:
            return []
        self._buffer += chunk
        events: list[bytes] = []
        start = 0
        while (frame := self._frame_at(start)) is not None:
            start += len(frame)
            if payload := self._payload(frame):
                events.append(payload)
        del self._buffer[:start]
        return events

    def close(self) -> list[bytes]:
        """A frame that never became complete is dropped."""
        if self._buffer:
            self.skipped += 1
            self._buffer.clear()
        return []

    def _frame_at(self, start: int) -> bytes | None:
        if len(self._buffer) - start < _PRELUDE.size:
            return None
        total, headers, crc = _PRELUDE.unpack_from(self._buffer, start)
        if zlib.crc32(self._buffer[start : start + 8]) != crc or not _OVERHEAD + headers <= total <= self._limit:
            self._lose()
            return None
        if len(self._buffer) - start < total:
            return None
        return bytes(self._buffer[start : start + total])

    def _lose(self) -> None:
        """Lengths cannot be believed any more, so no later frame can be found."""
        self.skipped += 1
        self._lost = True
        self._buffer.clear()

    def _payload(self, frame: bytes) -> bytes | None:
        if zlib.crc32(frame[: -_CRC.size]) != _CRC.unpack_from(frame, len(frame) - _CRC.size)[0]:
            self.skipped += 1
            return None
        headers_end = _PRELUDE.size + _PRELUDE.unpack_from(frame)[1]
        try:
            headers = _read_headers(frame[_PRELUDE.size : headers_end])
            return _unwrap(headers, frame[headers_end : -_CRC.size])
        except (ValueError, IndexError, struct.error):
            # A frame with intact checksums and a content of another kind: no event of ours.
            self.skipped += 1
            return None


def _read_headers(data: bytes) -> dict[str, str]:
    """The string headers: name length, name, type, value."""
    headers: dict[str, str] = {}
    at = 0
    while at < len(data):
        name_end = at + 1 + data[at]
        name, kind = data[at + 1 : name_end].decode(), data[name_end]
        at = name_end + 1
        if kind in _FIXED_SIZES:
            at += _FIXED_SIZES[kind]
            continue
        size = struct.unpack_from(">H", data, at)[0]
        value = data[at + 2 : at + 2 + size]
        at += 2 + size
        if kind == _STRING:
            headers[name] = value.decode()
    return headers


def _unwrap(headers: dict[str, str], payload: bytes) -> bytes:
    name = headers.get(":event-type") or headers.get(":exception-type") or "unknown"
    if name != "chunk":
        return b"{" + json.dumps(name).encode() + b":" + (payload or b"null") + b"}"
    wrapper = json.loads(payload)
    encoded = wrapper.get("bytes") if isinstance(wrapper, dict) else None
    if not isinstance(encoded, str):
        raise ValueError("a chunk without bytes")
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("bytes that are not base64") from error
