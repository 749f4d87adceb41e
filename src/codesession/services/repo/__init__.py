"""
Git truth: what a session did to its repository.

Rules, each with its test:

* A **commit** counts when it was made in this worktree since the start and still exists: on any branch or tag,
  pushed, or under HEAD. HEAD's reflog is the witness. A replaced commit (amended, rebased, squashed) is not
  counted, the one that replaced it is. A rebase that replays commits from before the session makes none.
* A commit without a witness (a tool that writes no reflog, a linked worktree) counts when HEAD holds it now, it was
  authored and committed since the start, and it did not come in by fetch, pull or clone. So work of another
  worktree counts there, and here once it was merged here.
* A **file** counts when a counted commit touched it, or when its uncommitted or untracked (not ignored) content
  differs from the start. A merge counts for the files it resolved, not for those it brought in; amending an older
  commit for what the amendment changed. Content that lay uncommitted at the start and was committed as it was
  counts: the session committed it.
* `created`, `modified`, `deleted` compare the end with the start. Created and deleted again is nothing, unless it
  was committed: then `deleted`. A rename is a deletion and a creation. A submodule is one path; it changes when
  its checked-out commit does. An untracked repository inside this one is its own scope and not a file.

Nothing here raises for what git does or fails to do: a session must end. Reasons come back as warnings.
`locate` and `current_head` start no process and import little: they serve the commands that must be quick.
"""

from __future__ import annotations

from codesession.services.repo.gitdir import current_head, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from codesession.domain.repo import Baseline, Scan

__all__ = ["baseline", "current_head", "locate", "scan", "scan_session"]

TIMEOUT_SECONDS = 30.0
"""How long all git processes of one call may take together; a cold, huge repository needs several seconds."""


def baseline(git_root: Path, *, timeout: float = TIMEOUT_SECONDS) -> Baseline:
    """The state of a repository now, to be kept for a later `scan`. Two git processes."""
    from codesession.services.repo.survey import take_baseline

    return take_baseline(git_root, timeout)


def scan(git_root: Path, since: Baseline, *, timeout: float = TIMEOUT_SECONDS) -> Scan:
    """What happened in a repository since a baseline was taken. At most four git processes."""
    from codesession.services.repo.survey import survey

    return survey(git_root, since, timeout)


def scan_session(directory: Path, baseline_json: str | None, started_at_ms: int) -> Scan:
    """
    `scan` for a session as the ledger keeps it.

    Without a baseline there was no repository at the start; one that was made in the directory since is
    scanned by times alone. An unreadable baseline is treated alike, with a warning.
    """
    from codesession.services.repo.survey import survey_session

    return survey_session(directory, baseline_json, started_at_ms, TIMEOUT_SECONDS)
