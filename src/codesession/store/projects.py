"""Registered projects, and what sessions tell of a morning's projects, on any database `store.database` describes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codesession.domain.session import Session
from codesession.domain.today import Project
from codesession.store import rows
from codesession.store.database import Database
from codesession.store.queries import SESSIONS_SELECTED

_AT_ONCE = 200
"""Paths bound in one statement."""

_PROJECTS = "SELECT id, path, name, added_at_ms FROM projects ORDER BY id"
_INSERT = (
    "INSERT INTO projects (path, name, added_at_ms) VALUES (:path, :name, :added_at_ms) ON CONFLICT (path) DO NOTHING"
)
_RENAME = "UPDATE projects SET name = :name WHERE id = :id"
_DELETE = "DELETE FROM projects WHERE id = :id"
_REPOSITORIES = "SELECT DISTINCT git_root FROM sessions WHERE git_root IS NOT NULL ORDER BY git_root"
_ON_BRANCH = (
    f"{SESSIONS_SELECTED} WHERE directory = :directory AND started_at_ms >= :since_ms"
    " AND (git_branch = :branch OR (:detached = 1 AND git_branch IS NULL))"
)


class SqlProjects:
    """Implements `services.today.base.ProjectStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def projects(self) -> list[Project]:
        """All of them, in the order they were added."""
        return [
            Project(id=number, path=path, name=name, added_at_ms=added)
            for number, path, name, added in self._db.query(_PROJECTS)
        ]

    def add(self, paths: Iterable[str], *, at_ms: int) -> list[str]:
        """Register folders; returns those that were not registered before."""
        with self._db.transaction():
            return [
                path
                for path in paths
                if self._db.execute(_INSERT, {"path": rows.text(path), "name": None, "added_at_ms": at_ms})
            ]

    def rename(self, project_id: int, name: str) -> None:
        """Call a project something else."""
        with self._db.transaction():
            self._db.execute(_RENAME, {"id": project_id, "name": rows.text(name)})

    def remove(self, project_id: int) -> None:
        """Forget a project; its sessions stay."""
        with self._db.transaction():
            self._db.execute(_DELETE, {"id": project_id})

    def repositories(self) -> list[str]:
        """The git roots that sessions were in, by name."""
        return [root for (root,) in self._db.query(_REPOSITORIES)]

    def last_sessions(self, directories: Sequence[str]) -> dict[str, Session]:
        """The session that was started last in each directory that has one."""
        found: dict[str, Session] = {}
        for start in range(0, len(directories), _AT_ONCE):
            chosen = {f"d{n}": rows.text(each) for n, each in enumerate(directories[start : start + _AT_ONCE])}
            sql = (
                f"{SESSIONS_SELECTED} WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER"
                " (PARTITION BY directory ORDER BY started_at_ms DESC, id DESC) AS place FROM sessions"
                f" WHERE directory IN ({', '.join(':' + name for name in chosen)})) AS ranked WHERE place = 1)"
            )
            for row in self._db.query(sql, chosen):
                session = rows.session_of(row)
                found[session.directory] = session
        return found

    def sessions_with_commits(self, commits: Sequence[str]) -> list[Session]:
        """Sessions, on whatever machine, that made one of the commits (full names)."""
        found: dict[int, Session] = {}
        for start in range(0, len(commits), _AT_ONCE):
            chosen = {f"c{n}": each for n, each in enumerate(commits[start : start + _AT_ONCE])}
            names = ", ".join(":" + name for name in chosen)
            sql = f"{SESSIONS_SELECTED} WHERE id IN (SELECT session_id FROM commits WHERE hash IN ({names}))"
            found |= {row[0]: rows.session_of(row) for row in self._db.query(sql, chosen)}
        return list(found.values())

    def sessions_on_branch(
        self, directories: Iterable[str], branch: str, *, since_ms: int, detached: bool
    ) -> list[Session]:
        """Sessions of some folders that began on a branch since a moment; `detached` adds those on none."""
        found: list[Session] = []
        for directory in directories:
            params = {
                "directory": rows.text(directory),
                "branch": rows.text(branch),
                "since_ms": since_ms,
                "detached": int(detached),
            }
            found += [rows.session_of(row) for row in self._db.query(_ON_BRANCH, params)]
        return found
