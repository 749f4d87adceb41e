"""Where a session belongs; apart from the rest of `domain.repo` because every command needs it."""

from __future__ import annotations

from pathlib import Path

from codesession.domain.facts import fact


@fact(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a session belongs to. Paths are real: symbolic links are resolved."""

    directory: Path
    """The git root; outside git the directory itself."""
    git_root: Path | None
