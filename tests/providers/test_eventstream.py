"""AWS event stream frames."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from codesession.providers.eventstream import EventStreamDecoder

Frame = Callable[[dict[str, str], bytes], bytes]


def decode(stream: bytes, cut: int | None = None, limit: int = 10_000) -> tuple[list[bytes], int]:
    decoder = EventStreamDecoder(limit)
    chunks = [stream] if cut is None else [stream[:cut], stream[cut:]]
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.close(), decoder.skipped


def chunk_of(inner: bytes) -> bytes:
    return json.dumps({"bytes": base64.b64encode(inner).decode()}).encode()


def test_every_cut_gives_the_same_events(frame: Frame) -> None:
    """Events are named by their header or unwrapped from base64."""
    stream = frame({":event-type": "metadata"}, b'{"usage":{}}') + frame({":event-type": "chunk"}, chunk_of(b"inner"))
    for cut in range(len(stream) + 1):
        assert decode(stream, cut) == ([b'{"metadata":{"usage":{}}}', b"inner"], 0), cut


def test_an_exception_is_an_event_of_its_own(frame: Frame) -> None:
    """Its name is in another header."""
    stream = frame({":message-type": "exception", ":exception-type": "throttlingException"}, b'{"message":"x"}')
    assert decode(stream) == ([b'{"throttlingException":{"message":"x"}}'], 0)


def test_headers_of_all_types_are_passed_over(frame: Frame) -> None:
    """Only strings are read; booleans, numbers and byte arrays have their own lengths."""
    import struct
    import zlib

    headers = b"\x01b\x00" + b"\x01i\x04\x00\x00\x00\x01" + b"\x01y\x06\x00\x02zz" + b"\x0b:event-type\x07\x00\x02ab"
    prelude = struct.pack(">II", 16 + len(headers) + 2, len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + headers + b"{}"
    assert decode(message + struct.pack(">I", zlib.crc32(message))) == ([b'{"ab":{}}'], 0)


def test_a_broken_frame_is_skipped_and_the_next_one_read(frame: Frame) -> None:
    """A payload that fails its checksum, or a chunk that holds no bytes."""
    good = frame({":event-type": "chunk"}, chunk_of(b"inner"))
    broken = bytearray(good)
    broken[-6] ^= 1
    assert decode(bytes(broken) + good) == ([b"inner"], 1)
    for payload in (b'{"bytes":"%%"}', b"{}", b"[]", b"no json"):
        assert decode(frame({":event-type": "chunk"}, payload) + good) == ([b"inner"], 1)


def test_lost_frames_end_the_reading(frame: Frame) -> None:
    """When a length cannot be believed, nothing after it can; nor is a huge one waited for."""
    good = frame({":event-type": "a"}, b"{}")
    assert decode(b"garbage garbage garbage" + good) == ([], 1)
    assert decode(good + frame({":event-type": "a"}, b" " * 500) + good, limit=200) == ([b'{"a":{}}'], 1)


def test_a_frame_without_its_end_is_counted(frame: Frame) -> None:
    """The connection was cut."""
    assert decode(frame({":event-type": "a"}, b"{}")[:-1]) == ([], 1)
