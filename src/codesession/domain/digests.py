"""
Short names for facts.

`hashlib` loads OpenSSL, which takes as long as opening the ledger; a hook that imports one line cannot wait for it.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython
    from hashlib import blake2b


def digest(facts: bytes, size: int) -> str:
    """BLAKE2b of some bytes, `size` bytes long, in hexadecimal digits."""
    return blake2b(facts, digest_size=size).hexdigest()
