"""Which paths git ignores: asked for the few that just changed, in one process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from codesession.services.repo.process import Git, GitError

_TIMEOUT_SECONDS = 5.0
_SOME_OR_NONE = frozenset({0, 1})
"""git check-ignore's exit status says whether it found any."""


def ignored(git_root: Path, paths: Sequence[str]) -> list[str]:
    """
    Those of the paths (relative to the git root) that git ignores; also for files that are gone already.

    When git does not answer nothing counts as ignored: a file too many is better seen than one too few.
    """
    if not paths:
        return []
    asked = b"\0".join(os.fsencode(path) for path in paths)
    try:
        found = Git(git_root, timeout=_TIMEOUT_SECONDS).run(
            "check-ignore", "-z", "--stdin", stdin=asked, accepted=_SOME_OR_NONE
        )
    except GitError:
        return []
    return [os.fsdecode(path) for path in found.split(b"\0") if path]
