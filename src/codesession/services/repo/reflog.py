"""Reflogs: git's own diary of where each commit came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from codesession.services.repo.process import Git

MAX_ENTRIES = 20_000

AuthorKey = tuple[bytes, bytes, bytes, bytes]
"""Author's name, address, time and subject: what survives when a commit is replayed elsewhere."""

_FORMAT = "%gD%x00%H%x00%an%x00%ae%x00%at%x00%s%x00%gs"
_FIELDS = 7

_MADE = frozenset({"commit", "revert", "am", "cherry-pick"})
_DOORS = frozenset({"pull", "fetch", "clone"})
_REWRITING_STEPS = frozenset({"continue", "reword", "squash", "fixup"})
_REPLAYING_STEPS = frozenset({"pick", "edit", "merge", ""})


class Origin(Enum):
    """How a ref came to point to a commit."""

    MADE = auto()
    """The commit was made by this step."""
    REPLAYED = auto()
    """A rebase copied an existing commit."""
    FETCHED = auto()
    """The commit came from another repository."""
    PUSHED = auto()
    """The commit went to another repository."""
    MOVED = auto()
    """The ref went to a commit that existed: checkout, reset, fast-forward; or nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a reflog."""

    is_head: bool
    at: int
    """UTC epoch seconds, by the committer's clock or `GIT_COMMITTER_DATE`."""
    commit: str
    previous: str | None
    """Where the ref pointed before, None for the oldest entry."""
    key: AuthorKey
    message: str
    origin: Origin

    @property
    def rewrites(self) -> bool:
        """Whether the commit replaces the previous one: an amendment, or a branch after its rebase."""
        verb = self.message.partition(":")[0]
        return verb == "commit (amend)" or (not self.is_head and verb.endswith("(finish)"))


def read_reflogs(git: Git, *, head: bool, all_refs: bool) -> list[Entry]:
    """HEAD's reflog and, where wanted, those of all branches and remote branches; newest first in each."""
    refs = (["HEAD"] if head else []) + (["--branches", "--remotes"] if all_refs else [])
    if not refs:
        return []
    limit = f"--max-count={MAX_ENTRIES}"
    return parse_reflogs(
        git.run("log", "-g", limit, "--date=unix", "--encoding=UTF-8", "-z", f"--format={_FORMAT}", *refs, "--")
    )


def parse_reflogs(output: bytes) -> list[Entry]:
    """Entries as git prints them, each joined with the older one of the same ref."""
    fields = output.split(b"\0")
    rows = [fields[i : i + _FIELDS] for i in range(0, len(fields) - _FIELDS + 1, _FIELDS)]
    previous: dict[bytes, str] = {}
    entries: list[Entry] = []
    for selector, commit, name, address, authored, subject, message in reversed(rows):
        ref, _, at = selector.rpartition(b"@{")
        words = message.decode("utf-8", "replace")
        entries.append(
            Entry(
                is_head=ref == b"HEAD",
                at=int(at.rstrip(b"}")),
                commit=commit.decode(),
                previous=previous.get(ref),
                key=(name, address, authored, subject),
                message=words,
                origin=origin_of(words),
            )
        )
        previous[ref] = commit.decode()
    entries.reverse()
    return entries


def origin_of(message: str) -> Origin:
    """
    Read a reflog message.

    Messages are stable over git's versions: `commit (amend): …`, `rebase (pick): …` (`rebase -i (pick)`,
    `rebase: …` before 2.26), `pull --rebase origin main (start): …`, `merge x: Merge made by …`.
    """
    if message == "update by push":
        return Origin.PUSHED
    verb, _, detail = message.partition(": ")
    word, _, rest = verb.partition(" ")
    step = rest.rpartition("(")[2].rstrip(")") if rest.endswith(")") else ""
    if detail.startswith("Merge made by"):
        return Origin.MADE
    if word == "rebase" or (word == "pull" and step):
        if step in _REWRITING_STEPS:
            return Origin.MADE
        if step in _REPLAYING_STEPS:
            return Origin.REPLAYED
    if word in _MADE and detail != "fast-forward":
        return Origin.MADE
    return Origin.FETCHED if word in _DOORS or "FETCH_HEAD" in message else Origin.MOVED
