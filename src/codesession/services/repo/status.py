"""`git status --porcelain=v2 -z --branch`: the branch, and what is not committed."""

from __future__ import annotations

from dataclasses import dataclass

from codesession.services.repo.process import Git

_ABSENT = b"000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """HEAD and the uncommitted paths of a work tree."""

    head: str | None
    branch: str | None
    dirty: dict[bytes, bool]
    """Path to whether HEAD holds it. Untracked nested repositories are left out."""


def read_status(git: Git) -> Status:
    """One git process; untracked files one by one, ignored ones not at all, submodules by their commit."""
    return parse_status(
        git.run(
            "status",
            "--porcelain=v2",
            "-z",
            "--branch",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
            "--no-renames",
            "--no-ahead-behind",
        )
    )


def parse_status(output: bytes) -> Status:
    """
    The records of git-status(1), "Porcelain Format Version 2".

    `1 XY sub mH mI mW hH hI path`, `u XY sub m1 m2 m3 mW h1 h2 h3 path` (m2: ours), `? path`, `# header`.
    """
    head = branch = None
    dirty: dict[bytes, bool] = {}
    for record in output.split(b"\0"):
        kind = record[:2]
        if kind == b"1 ":
            fields = record.split(b" ", 8)
            dirty[fields[8]] = fields[3] != _ABSENT
        elif kind == b"u ":
            fields = record.split(b" ", 10)
            dirty[fields[10]] = fields[4] != _ABSENT
        elif kind == b"? " and not record.endswith(b"/"):
            dirty.setdefault(record[2:], False)
        elif record.startswith(b"# branch.oid ") and not record.endswith(b"(initial)"):
            head = record[13:].decode()
        elif record.startswith(b"# branch.head ") and not record.endswith(b" (detached)"):
            branch = record[14:].decode("utf-8", "backslashreplace")
    return Status(head=head, branch=branch, dirty=dirty)
