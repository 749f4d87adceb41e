"""What typed decoding may raise, for importers whose logs have so many lines that `msgspec` is worth loading."""

from __future__ import annotations

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Broken JSON, invalid UTF-8, nesting without end."""
