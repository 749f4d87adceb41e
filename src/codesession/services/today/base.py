"""What the look at a morning's projects asks of a ledger. Every method is one transaction and raises `StorageError`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from codesession.domain.session import Session
from codesession.domain.today import Project


class ProjectStore(Protocol):
    """Registered projects and their sessions."""

    def projects(self) -> list[Project]:
        """All of them, in the order they were added."""

    def add(self, paths: Iterable[str], *, at_ms: int) -> list[str]:
        """Register folders; returns those that were not registered before."""

    def rename(self, project_id: int, name: str) -> None:
        """Call a project something else."""

    def remove(self, project_id: int) -> None:
        """Forget a project; its sessions stay."""

    def repositories(self) -> list[str]:
        """The git roots that sessions were in, by name."""

    def last_sessions(self, directories: Sequence[str]) -> dict[str, Session]:
        """The session that was started last in each directory that has one."""
