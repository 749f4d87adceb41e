"""The transcripts that an agent's hook points at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PATHS = ("transcript_path", "agent_transcript_path")


def transcripts(hook: Mapping[str, Any]) -> list[Path]:
    """
    The files to import for a hook's input: the transcript and those of its sub-agents.

    Sub-agents write below a folder named like the transcript; older versions of Claude Code beside it.
    """
    found: list[Path] = []
    for name in _PATHS:
        value = hook.get(name)
        if isinstance(value, str) and value:
            path = Path(value).expanduser()
            if path.is_file():
                found.append(path)
    for path in tuple(found):
        found.extend(sorted(path.with_suffix("").glob("subagents/**/*.jsonl")))
        if not path.name.startswith("agent-"):
            found.extend(sorted(path.parent.glob("agent-*.jsonl")))
    return list(dict.fromkeys(found))
