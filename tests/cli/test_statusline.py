"""`cs statusline` through the command line."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from support.shell import Answer

Cs = Callable[..., Answer]


def test_whatever_comes_in_one_line_goes_out(cs: Cs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status bar is no place for a traceback."""
    for text in (b'{"context_window": {"used_percentage": 7}}', b"", b"{"):
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        monkeypatch.setattr(sys, "stdout", out)
        assert cs("statusline").code == 0
        assert out.buffer.getvalue().count(b"\n") == 1  # type: ignore[attr-defined]  # a BytesIO
