"""Reading reflogs."""

from __future__ import annotations

import pytest

from codesession.services.repo.reflog import Origin, origin_of, parse_reflogs

MESSAGES = {
    "commit: subject": Origin.MADE,
    "commit (initial): subject": Origin.MADE,
    "commit (amend): pull: a tricky subject": Origin.MADE,
    "commit (merge): subject": Origin.MADE,
    "commit (cherry-pick): subject": Origin.MADE,
    "commit: FETCH_HEAD explained": Origin.MADE,
    "cherry-pick: subject": Origin.MADE,
    "cherry-pick: fast-forward": Origin.MOVED,
    'revert: Revert "x"': Origin.MADE,
    "am: subject": Origin.MADE,
    "merge feature: Merge made by the 'ort' strategy.": Origin.MADE,
    "merge feature: Fast-forward": Origin.MOVED,
    "merge FETCH_HEAD: Fast-forward": Origin.FETCHED,
    "pull: Fast-forward": Origin.FETCHED,
    "pull origin main: Merge made by the 'recursive' strategy.": Origin.MADE,
    "pull --rebase origin main (start): checkout 1234": Origin.FETCHED,
    "pull --rebase origin main (pick): subject": Origin.REPLAYED,
    "rebase (start): checkout main": Origin.MOVED,
    "rebase (pick): subject": Origin.REPLAYED,
    "rebase -i (pick): subject": Origin.REPLAYED,
    "rebase: subject": Origin.REPLAYED,
    "rebase (continue): subject": Origin.MADE,
    "rebase (fixup): subject": Origin.MADE,
    "rebase (reword): subject": Origin.MADE,
    "rebase (finish): returning to refs/heads/x": Origin.MOVED,
    "clone: from https://example.org/x.git": Origin.FETCHED,
    "fetch origin: fast-forward": Origin.FETCHED,
    "update by push": Origin.PUSHED,
    "checkout: moving from main to commit": Origin.MOVED,
    "reset: moving to HEAD~1": Origin.MOVED,
    "branch: Created from HEAD": Origin.MOVED,
    "": Origin.MOVED,
}


@pytest.mark.parametrize(("message", "origin"), MESSAGES.items())
def test_messages_tell_where_a_commit_came_from(message: str, origin: Origin) -> None:
    """As git writes them since 2.20."""
    assert origin_of(message) is origin


def test_entries_are_joined_with_the_older_one_of_the_same_ref() -> None:
    """Refs come interleaved, newest first."""

    def row(selector: str, commit: str, message: str) -> bytes:
        return "\0".join([selector, commit, "Ada", "ada@example.org", "1", "subject", message, ""]).encode()

    entries = parse_reflogs(
        row("HEAD@{30}", "c2", "commit (amend): x")
        + row("main@{30}", "c2", "commit (amend): x")
        + row("HEAD@{20}", "c1", "commit: x")
        + row("main@{10}", "c0", "branch: Created from HEAD")
    )

    assert [(e.is_head, e.at, e.commit, e.previous) for e in entries] == [
        (True, 30, "c2", "c1"),
        (False, 30, "c2", "c0"),
        (True, 20, "c1", None),
        (False, 10, "c0", None),
    ]
    assert [e.rewrites for e in entries] == [True, True, False, False]
