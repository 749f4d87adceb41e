"""
Taking the usage chunk out again, for a client that did not ask for it.

An OpenAI chat stream with `include_usage` has one more event before `[DONE]`, with an empty `choices`; code
that reads `choices[0]` of every chunk would break on it. All other bytes pass unchanged and at once.
"""

from __future__ import annotations

import json
import re

EVENT_LIMIT = 64 * 1024
"""A usage chunk is far smaller; a longer event is passed on without waiting for its end."""

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_EMPTY_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')


class UsageChunkFilter:
    """Feed it the stream's bytes; it gives back what the client may see."""

    def __init__(self) -> None:
        self._held = b""
        self._in_long_event = False
        self.removed = 0
        """Events taken out."""

    def feed(self, data: bytes) -> bytes:
        """What can be passed on now: everything up to the last complete event."""
        data = self._held + data
        self._held = b""
        passed: list[bytes] = []
        start = 0
        for end in _EVENT_END.finditer(data):
            event = data[start : end.end()]
            start = end.end()
            if not self._in_long_event and _is_usage_chunk(event):
                self.removed += 1
            else:
                passed.append(event)
            self._in_long_event = False
        rest = data[start:]
        if self._in_long_event or len(rest) > EVENT_LIMIT:
            self._in_long_event = True
            self._held = rest[-3:]  # may hold half of an event's end
            rest = rest[: len(rest) - len(self._held)]
            passed.append(rest)
        else:
            self._held = rest
        return b"".join(passed)

    def finish(self) -> bytes:
        """What is left when the stream ends; an event without its end passes unless it is the usage chunk."""
        rest, self._held = self._held, b""
        if not self._in_long_event and _is_usage_chunk(rest):
            self.removed += 1
            return b""
        return rest


def _is_usage_chunk(event: bytes) -> bool:
    if not _EMPTY_CHOICES.search(event):
        return False
    lines = [line[5:] for line in event.splitlines() if line.startswith(b"data:")]
    try:
        chunk = json.loads(b"\n".join(lines))
    except ValueError:  # no JSON: not ours to judge
        return False
    return isinstance(chunk, dict) and chunk.get("choices") == [] and isinstance(chunk.get("usage"), dict)
