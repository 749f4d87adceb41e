"""What typed decoding may raise."""

from __future__ import annotations

import msgspec
import pytest

from codesession.importers.typed import UNREADABLE


@pytest.mark.parametrize("raw", [b"{", b'{"a":"\xff"}', b"[" * 100_000])
def test_no_log_raises_anything_else(raw: bytes) -> None:
    """Broken JSON, invalid UTF-8, nesting without end."""
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(raw)
