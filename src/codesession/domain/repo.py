"""What a session knows about its repository: where it is, how it was at the start, what happened since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ChangeType(StrEnum):
    """What became of a file between the start of a session and its end."""

    CREATED = "created"
    MODIFIED = "modified"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One changed file; a rename is two: the old path deleted, the new one created."""

    path: str
    """Relative to the git root, `/` between parts; bytes that are not UTF-8 are written as `\\xNN`."""
    change_type: ChangeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit made during a session. Times in UTC epoch milliseconds, to the second as git keeps them."""

    hash: str
    """The full object name."""
    message: str
    """The subject: first paragraph of the message as one line."""
    author_name: str
    authored_at_ms: int
    committed_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """
    The state of a repository when a session began: all that is needed to tell later what the session did.

    Where something could not be learnt (`refs_complete`, `dirty_complete`), a later scan judges by times.
    """

    taken_at_ms: int
    head: str | None = None
    """The commit checked out, None before the first one."""
    branch: str | None = None
    """The branch checked out, also one without commits yet; None when HEAD is detached."""
    refs: tuple[str, ...] = ()
    """Objects that branches, remote branches, tags and the stash pointed to: what existed already."""
    refs_complete: bool = True
    reflog_length: int | None = None
    """Entries in HEAD's reflog, None where it is no plain file."""
    dirty: Mapping[str, str] = field(default_factory=dict)
    """Uncommitted and untracked paths and their fingerprints; paths hold undecodable bytes as surrogates."""
    dirty_complete: bool = True
    git_dir: str | None = None
    """The repository, where `GIT_DIR` named it and the git root does not lead there."""
    warnings: tuple[str, ...] = ()
    """Not kept in the JSON text."""

    @classmethod
    def unknown(cls, taken_at_ms: int, *warnings: str) -> Baseline:
        """Nothing is known of the start but its time: no repository was there, or git did not answer."""
        return cls(taken_at_ms=taken_at_ms, refs_complete=False, dirty_complete=False, warnings=warnings)

    def to_json(self) -> str:
        """Compact JSON in pure ASCII, whatever bytes the paths hold."""
        import json

        facts = {
            "takenAt": self.taken_at_ms,
            "head": self.head,
            "branch": self.branch,
            "refs": " ".join(self.refs),
            "refsComplete": self.refs_complete,
            "reflogLength": self.reflog_length,
            "dirty": dict(self.dirty),
            "dirtyComplete": self.dirty_complete,
            "gitDir": self.git_dir,
        }
        return json.dumps(facts, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Baseline:
        """Read what `to_json` wrote; `ValueError` when the text is something else."""
        import json

        facts = json.loads(text)
        try:
            return cls(
                taken_at_ms=int(facts["takenAt"]),
                head=facts["head"],
                branch=facts["branch"],
                refs=tuple(facts["refs"].split()),
                refs_complete=bool(facts["refsComplete"]),
                reflog_length=facts["reflogLength"],
                dirty=dict(facts["dirty"]),
                dirty_complete=bool(facts["dirtyComplete"]),
                git_dir=facts["gitDir"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a baseline: {error!r}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What happened in a repository since a baseline."""

    commits: tuple[Commit, ...] = ()
    """Oldest first."""
    files: tuple[FileChange, ...] = ()
    """Sorted by path."""
    head: str | None = None
    branch: str | None = None
    warnings: tuple[str, ...] = ()
    """What could not be learnt, in words for the person who ends the session."""
