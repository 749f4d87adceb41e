"""
Reading logs that are written line by line, while they are being written.

Lines are split on `\\n` only and looked at as bytes: of a line that holds none of the wanted needles no more is asked
than whether it is JSON. A last line without its end is left for the next pass. NUL bytes (what a crash leaves), a byte
order mark and `\\r` are taken off; no line is too long.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from codesession.importers.base import LogFile

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
HEAD = 4096
"""Bytes that `recognises` is shown."""
_BUFFER = 1 << 18
_BOM = b"\xef\xbb\xbf"
_MOST_SPACE = 4096
"""Bytes looked through for the beginning of a value."""
_SPACE = b" \t\r\n\x00"
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*(?:"|\Z|(?=\n))|[][{}:\n]')
_TELLING = 66
"""Longer strings tell no format."""
SUFFIX = ".jsonl"
_LINES, _LINE = 100, 1024
"""Beginnings of lines that `recognises` is shown where the first `HEAD` bytes tell nothing."""
_FAR = 1 << 18
_PIECE = 1024
"""Bytes unpacked at a time: a small file may hold gigabytes of the same."""
_MAX_UNPACKED = 1 << 30
_LONG = 1 << 18
"""A line that long is worth a faster look."""


def lines(log: LogFile, needles: tuple[bytes, ...]) -> Iterator[bytes]:
    """
    The wanted lines from `log.start` on; keeps `start` and `line_number` behind what was handed out.

    A line that is no JSON object is counted as unreadable, wanted or not: by its first and last byte here, by the rest
    where it is decoded, or passed over (`LogFile.pass_over`).
    """
    log.cut_tail = False
    with open_log(log.path) as file:
        _skip(file, log.start)
        for raw in file:
            if not needles and raw[-2:] == b"}\n" and raw[:1] == b"{":  # as nearly every line is
                log.start += len(raw)
                log.line_number += 1
                yield raw[:-1]
                continue
            line = raw.strip(_SPACE)
            if log.start == 0 and line.startswith(_BOM):
                line = line[len(_BOM) :].strip(_SPACE)
            whole = raw.endswith(b"\n")
            if not whole and not _is_complete(line):
                log.cut_tail = bool(line)
                return
            log.start += len(raw)
            log.line_number += 1
            if not line:
                continue
            if not (line.startswith(b"{") and line.endswith(b"}")):
                log.bad_line("not a JSON object")
            elif not needles or any(needle in line for needle in needles):
                yield line
            else:
                log.pass_over(line)


def outline(head: bytes, *, document: bool = False) -> bytes:
    """
    Names and short texts of the outermost objects: `"type":"user""message":`, a line for each line.

    What is inside of them is left out: a prompt, or what a tool printed, may hold the marks of any format.
    `document`: one value, which may be a list of objects, instead of one on each line.
    """
    return _outline(head, document)


@lru_cache(2)
def _outline(head: bytes, document: bool) -> bytes:
    found = []
    outermost = 2 if document and head.lstrip(_BOM + _SPACE).startswith(b"[") else 1
    depth = 0
    for token in _TOKEN.findall(head):
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
        elif token == b"\n":
            depth = depth if document else 0
            found.append(token)
        elif depth == outermost and len(token) < _TELLING:
            found.append(token)
    return b"".join(found)


def first_bytes(path: Path) -> bytes:
    """What `recognises` is shown of a file. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(HEAD)


def first_lines(path: Path) -> bytes:
    """The same of a log whose first lines are long: how each of them begins; empty for what is not plain lines."""
    if path.suffix != SUFFIX:
        return b""
    with path.open("rb") as file:
        lines = file.read(_FAR).split(b"\n", _LINES)[:_LINES]
    return b"\n".join(line[:_LINE] for line in lines)


def open_log(path: Path) -> BinaryIO:
    """A log as plain bytes, compressed (`.zst`) or not; it raises `OSError` when it cannot be opened, or unpacked."""
    if path.suffix != ".zst":
        return path.open("rb", buffering=_BUFFER)
    zstandard = _zstandard()
    unpacker = zstandard.ZstdDecompressor().decompressobj
    return io.BufferedReader(_Unpacked(path.open("rb"), unpacker, zstandard.ZstdError), _BUFFER)


def unpacked(packed: bytes) -> bytes:
    """
    What was compressed with zstd as a whole, at most a gibibyte of it; raises `OSError`.

    The library sets aside at once whatever it is asked for, so it is asked for little at a time.
    """
    zstandard, found = _zstandard(), bytearray()
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
            while len(found) < _MAX_UNPACKED and (piece := reader.read(_BUFFER)):
                found += piece
            return bytes(found)
    except zstandard.ZstdError as error:
        raise OSError(f"broken compressed data: {error}") from error


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:  # not to be had for every Python: what is compressed is counted as unreadable
        raise OSError("compressed with zstd: pip install zstandard to read it") from error
    return zstandard


class _Unpacked(io.RawIOBase):
    """What is in a compressed file; one that is broken, or ends too early, cannot be read, as any other."""

    def __init__(self, packed: BinaryIO, unpacker: Callable[[], Any], failure: type[Exception]) -> None:
        self._packed = packed
        self._unpacker = unpacker
        self._failure = failure
        self._frame: Any = None
        self._ahead = b""
        """Of the file, behind the frame."""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """It is for nothing else."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as something is ready; 0 at the end."""
        while not self._ready and self._unpack():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _unpack(self) -> bool:
        """The next piece; whether there was one."""
        piece, self._ahead = self._ahead or self._packed.read(_PIECE), b""
        if not piece:
            if self._frame is not None:
                raise OSError("compressed, and ends in the middle")
            return False
        self._frame = self._frame or self._unpacker()
        try:
            self._ready = memoryview(self._frame.decompress(piece))
        except self._failure as error:
            raise OSError(str(error)) from error
        if self._frame.eof:
            self._ahead, self._frame = self._frame.unused_data, None
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._packed.close()
        super().close()


def _skip(file: BinaryIO, size: int) -> None:
    """Go behind what was read; a compressed log has to be read again to get there."""
    if size and file.seekable():
        file.seek(size)
        return
    while size > 0 and (skipped := len(file.read(min(size, _BUFFER)))):
        size -= skipped


def _is_complete(line: bytes) -> bool:
    """Whether a line without its end is one whole JSON value, as some agents end their files."""
    return line.startswith(b"{") and line.endswith(b"}") and is_json(line)


def is_json(line: bytes) -> bool:
    """Whether a line is one whole JSON value, told without keeping anything of it."""
    if len(line) < _LONG and "msgspec" not in sys.modules:  # to load it takes longer than the lines of one turn
        return _is_json_at_least(line)
    look, unreadable = _look()
    try:
        look(line)
    except unreadable:
        return _is_json_at_least(line)  # half a character, or NaN: a line that can be read all the same
    return True


@cache
def _look() -> tuple[Callable[[bytes], object], tuple[type[Exception], ...]]:
    import msgspec

    from codesession.importers.typed import UNREADABLE

    return msgspec.json.Decoder(msgspec.Raw).decode, UNREADABLE


def _is_json_at_least(line: bytes) -> bool:
    import json

    try:
        json.loads(text_of(line), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def text_of(line: bytes) -> str:
    """The line as text, bytes that are no UTF-8 replaced."""
    return line.decode("utf-8", "replace")


def scan_string(line: bytes, key: bytes) -> str | None:
    """
    The value of the first `"key": "value"` in a line, without decoding the line.

    Only for values without quotes in them: ids, times, paths. White space after the colon is accepted.
    """
    mark = b'"' + key + b'"'
    at = line.find(mark)
    if at < 0:
        return None
    start = at + len(mark)
    begin = line.find(b'"', start, start + _MOST_SPACE)
    if begin < 0 or line[start:begin].strip() != b":":
        return None
    end = line.find(b'"', begin + 1)
    if end < 0:
        return None
    value = line[begin + 1 : end].decode("utf-8", "replace")
    return value if "\\" not in value else _unescaped(value)


def _unescaped(value: str) -> str | None:
    """A string with JSON escapes, as paths of Windows have; None when it was cut inside one."""
    import json

    try:
        text: str = json.loads(f'"{value}"', strict=False)
    except ValueError:
        return None
    return text
