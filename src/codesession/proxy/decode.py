"""
Decoders for the copy of a compressed body: incremental, and bounded against bodies that explode.

The client gets the compressed bytes as they are; only our copy is decoded. Where brotli or zstandard cannot be loaded
(they are compiled for every platform), such a body is forwarded all the same and its usage stays unknown.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Protocol

BLOCK = 256 * 1024
"""Decoded bytes come in blocks of about this size (zstd: up to 5.4 MB, from a slice made for it)."""

_ZSTD_SLICE = 128


class UndecodableError(Exception):
    """The body cannot be decoded (any further): unknown coding, missing library, damaged data."""


class Decoder(Protocol):
    """One content coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decoded blocks for the next bytes. Raises `UndecodableError`."""


def decoder_for(content_encoding: bytes) -> Decoder | None:
    """
    The decoder for a `content-encoding` value; None when the body is not encoded.

    Raises `UndecodableError` for a coding that this installation cannot read.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(b",")]
    decoders = [_single(coding) for coding in reversed(codings) if coding not in (b"", b"identity")]
    if not decoders:
        return None
    return decoders[0] if len(decoders) == 1 else _Chain(decoders)


def decode_all(data: bytes, content_encoding: bytes, *, limit: int) -> bytes:
    """A whole body decoded, up to `limit` bytes. Raises `UndecodableError`, also when it is larger."""
    decoder = decoder_for(content_encoding)
    if decoder is None:
        return data
    whole = bytearray()
    for block in decoder.feed(data):
        whole += block
        if len(whole) > limit:
            raise UndecodableError("decoded body is too large")
    return bytes(whole)


def _single(coding: bytes) -> Decoder:
    if coding in (b"gzip", b"x-gzip"):
        return _Zlib(16 + zlib.MAX_WBITS)
    if coding == b"deflate":
        return _Deflate()
    if coding == b"br":
        return _Brotli()
    if coding == b"zstd":
        return _Zstd()
    raise UndecodableError("unknown content coding")


class _Chain:
    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> Iterator[bytes]:
        return self._through(0, data)

    def _through(self, index: int, data: bytes) -> Iterator[bytes]:
        for block in self._decoders[index].feed(data):
            if index + 1 == len(self._decoders):
                yield block
            else:
                yield from self._through(index + 1, block)


class _Zlib:
    """gzip (several members are one body) or zlib, by `wbits`."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._wbits)
            try:
                block = self._inflate.decompress(data, BLOCK)
            except zlib.error as error:
                raise UndecodableError("damaged deflate data") from error
            if block:
                yield block
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if self._inflate.eof and not data.strip(b"\0"):
                return  # padding after the last member


class _Deflate:
    """`deflate` is zlib by the standard and raw deflate from some servers: the first byte tells."""

    def __init__(self) -> None:
        self._decoder: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not data:
            return
        if self._decoder is None:
            self._decoder = _Zlib(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)
        yield from self._decoder.feed(data)


class _Brotli:
    def __init__(self) -> None:
        try:
            import brotli  # type: ignore[import-untyped]  # ships no type information
        except ImportError as error:
            raise UndecodableError("brotli is not installed") from error
        self._error: type[Exception] = brotli.error
        self._decoder: Any = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                block = self._decoder.process(data, output_buffer_limit=BLOCK)
            except self._error as error:
                raise UndecodableError("damaged brotli data") from error
            if not block:  # only this says that nothing is left; `can_accept_more_data` comes earlier
                return
            yield block
            data = b""


class _Zstd:
    """The library bounds no output, so the input is fed in small slices instead."""

    def __init__(self) -> None:
        try:
            import zstandard
        except ImportError as error:
            raise UndecodableError("zstandard is not installed") from error
        self._error: type[Exception] = zstandard.ZstdError
        self._context = zstandard.ZstdDecompressor()
        self._frame: Any = self._context.decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            rest = data[start : start + _ZSTD_SLICE]
            while rest:
                if self._frame.eof:
                    self._frame = self._context.decompressobj()
                try:
                    block = self._frame.decompress(rest)
                except self._error as error:
                    raise UndecodableError("damaged zstd data") from error
                rest = self._frame.unused_data if self._frame.eof else b""
                if block:
                    yield block
