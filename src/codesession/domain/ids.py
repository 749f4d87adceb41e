"""Identifiers that sort by time and never clash between machines."""

from __future__ import annotations

import os


def uuid7(at_ms: int) -> str:
    """A UUIDv7 (RFC 9562) for a moment in UTC epoch milliseconds, in its canonical text form."""
    moment = f"{at_ms & (2**48 - 1):012x}"
    chance = os.urandom(10).hex()
    return f"{moment[:8]}-{moment[8:]}-7{chance[1:4]}-{_VARIANT[chance[4]]}{chance[5:8]}-{chance[8:]}"


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The two highest bits of the fourth group are 10."""
