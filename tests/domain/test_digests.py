"""Short names for facts."""

from __future__ import annotations

import hashlib

from codesession.domain.digests import digest


def test_it_is_the_digest_that_hashlib_makes() -> None:
    """Identities kept in ledgers were made with it."""
    assert digest(b"facts", 12) == hashlib.blake2b(b"facts", digest_size=12).hexdigest()
