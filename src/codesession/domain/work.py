"""What was done and said during a session: files, commits, remarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNote:
    """A remark made during a session."""

    id: int
    session_id: int
    message: str
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommit:
    """A commit that was made during a session."""

    id: int
    session_id: int
    hash: str
    message: str
    committed_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFile:
    """A file that was created, modified or deleted during a session."""

    id: int
    session_id: int
    file_path: str
    change_type: str
    changed_at_ms: int
