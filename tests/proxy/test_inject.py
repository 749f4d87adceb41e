"""Asking a chat stream for its usage by a minimal edit."""

from __future__ import annotations

import json

import pytest

from codesession.proxy.inject import ask_for_usage, may_edit

ADDED = b'"stream_options":{"include_usage":true},'


@pytest.mark.parametrize(
    ("body", "edited"),
    [
        (b'{"stream":true}', b"{" + ADDED + b'"stream":true}'),
        (
            b' {\n "model" : "m", "x": 1e2, "stream" : true }\n',
            b" {" + ADDED + b'\n "model" : "m", "x": 1e2, "stream" : true }\n',
        ),
        (
            b'{"stream":true,"stream_options":{}}',
            b'{"stream":true,"stream_options":{"include_usage":true}}',
        ),
        (
            b'{"stream_options": {"include_obfuscation":false} ,"stream":true}',
            b'{"stream_options": {"include_usage":true,"include_obfuscation":false} ,"stream":true}',
        ),
        (
            b'{"stream_options": null,"stream":true}',
            b'{"stream_options": {"include_usage":true},"stream":true}',
        ),
        (b'{"stream":false,"stream":true}', b"{" + ADDED + b'"stream":false,"stream":true}'),
        ('{"a":"é\\u00e9🤖","stream":true}'.encode(), b"{" + ADDED + '"a":"é\\u00e9🤖","stream":true}'.encode()),
    ],
)
def test_the_option_is_inserted_and_every_other_byte_stays(body: bytes, edited: bytes) -> None:
    """White space, number spelling, escapes and key order are the client's."""
    assert ask_for_usage(body) == edited
    assert json.loads(edited)["stream_options"]["include_usage"] is True


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"m"}',
        b'{"stream":false}',
        b'{"stream":"true"}',
        b'{"stream":true,"stream":false}',
        b'{"stream":true,"stream_options":{"include_usage":true}}',
        b'{"stream":true,"stream_options":{"include_usage":false}}',
        b'{"stream":true,"stream_options":"x"}',
        b'{"messages":[{"stream":true}]}',
        b'{"messages":"\\"stream\\":true","x":"{\\"stream\\":true}"}',
        b'[{"stream":true}]',
        b'{"stream":true',
        b'{"stream":true} {}',
        b'{"stream" true}',
        b'\xff{"stream":true}',
        b'\xef\xbb\xbf{"stream":true}',
        b'{"stream":true,"x":' + b"[" * 100_000,
        b"",
    ],
)
def test_a_body_is_left_alone_when_there_is_nothing_to_ask(body: bytes) -> None:
    """No stream, the client decided itself, or no JSON object."""
    assert ask_for_usage(body) is None


def test_a_compressed_or_signed_body_may_not_be_edited() -> None:
    """The first cannot, the second would no longer fit its signature."""
    assert may_edit({b"content-type": b"application/json"})
    assert not may_edit({b"content-encoding": b"zstd"})
    assert not may_edit({b"content-digest": b"sha-256=:x:"})
