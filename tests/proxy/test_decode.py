"""Decoding the copy, cut anywhere and bounded."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from codesession.proxy.decode import BLOCK, UndecodableError, decode_all, decoder_for

TEXT = b"".join(b'data: {"n": %d}\n\n' % n for n in range(2000))


def raw_deflate(data: bytes) -> bytes:
    """What some servers send as `deflate`."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_a_body_is_decoded_however_it_is_cut(coding: str, size: int) -> None:
    """Network chunks know nothing of codings."""
    packed = PACK[coding](TEXT)
    decoder = decoder_for(coding.split()[-1].encode())
    assert decoder is not None
    pieces = [block for at in range(0, len(packed), size) for block in decoder.feed(packed[at : at + size])]
    assert b"".join(pieces) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_several_members_are_one_body(coding: str) -> None:
    """Servers that flush start a new member each time."""
    packed = PACK[coding](TEXT) + PACK[coding](b"more")
    assert decode_all(packed, coding.encode(), limit=10**6) == TEXT + b"more"


def test_codings_on_top_of_each_other_are_undone_in_order() -> None:
    """`content-encoding` lists them as they were applied."""
    assert decode_all(brotli.compress(gzip.compress(TEXT)), b"gzip, br", limit=10**6) == TEXT


def test_no_coding_needs_no_decoder() -> None:
    """Identity is what most answers have."""
    assert decoder_for(b"") is None
    assert decoder_for(b"identity") is None


@pytest.mark.parametrize("coding", PACK)
def test_a_bomb_comes_in_blocks(coding: str) -> None:
    """30 MB of zeros in a few kilobytes never stand in memory at once."""
    packed = PACK[coding](bytes(30 * 1024 * 1024))
    decoder = decoder_for(coding.split()[-1].encode())
    assert decoder is not None
    total = 0
    for block in decoder.feed(packed):
        assert len(block) <= 64 * BLOCK
        total += len(block)
    assert total == 30 * 1024 * 1024


def test_a_body_over_the_limit_is_given_up() -> None:
    """The request's facts are not worth its size."""
    with pytest.raises(UndecodableError):
        decode_all(gzip.compress(bytes(10**6)), b"gzip", limit=1000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_damaged_data_is_undecodable(coding: str) -> None:
    """One error for all libraries."""
    with pytest.raises(UndecodableError):
        decode_all(b"\x78\x9c this is no compressed data at all", coding.encode(), limit=10**6)


def test_an_unknown_coding_is_undecodable() -> None:
    """The body is forwarded all the same."""
    with pytest.raises(UndecodableError):
        decoder_for(b"dcb")
