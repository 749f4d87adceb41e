"""Identifiers that sort by time and never clash between machines."""

from __future__ import annotations

import os


def uuid7(at_ms: int) -> str:
    """A UUIDv7 (RFC 9562) for a moment in UTC epoch milliseconds, in its canonical text form."""
    value = (at_ms & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
