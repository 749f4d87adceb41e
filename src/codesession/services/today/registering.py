"""The list of projects: what is registered, what could be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.spelling import spelled
from codesession.domain.today import Project
from codesession.errors import InvalidInputError
from codesession.services.scopes import folder_of

if TYPE_CHECKING:
    from codesession.domain.scope import Scope
    from codesession.services.today.base import ProjectStore

DEPTH = 4
"""Folders below the current one that are looked into for repositories."""
_NO_PROJECTS_IN = frozenset({"node_modules", "vendor", "venv", "target", "build", "dist", "__pycache__", "Library"})


class Projects:
    """Registers, forgets and finds projects."""

    def __init__(self, store: ProjectStore, locate: Callable[[Path], Scope], clock: Callable[[], int]) -> None:
        self._store = store
        self._locate = locate
        self._clock = clock

    def all(self) -> list[Project]:
        """Every registered project, in the order they were added."""
        return self._store.projects()

    def candidates(self, directory: Path) -> list[str]:
        """
        Repositories that could be registered: around and below a folder, then those of sessions.

        Only those that are there and not registered yet; real paths.
        """
        known = {self._real(project.path) for project in self.all()}
        around = self._locate(directory).git_root
        found = [] if around is None else [around]
        found += repositories_below(directory)
        found += [root for root in map(folder_of, self._store.repositories()) if self._locate(root).git_root == root]
        return [path for path in dict.fromkeys(map(str, found)) if spelled(path) not in known]

    def add(self, paths: Iterable[Path]) -> list[str]:
        """
        Register folders, each as its git root; returns those that were not registered before.

        Raises `InvalidInputError` for one that is no folder, and registers none then.
        """
        wanted = []
        for path in paths:
            if not path.is_dir():
                raise InvalidInputError(f"{path} is no folder", hint="give the path of a repository")
            wanted.append(spelled(str(self._locate(path).directory)))
        known = {self._real(project.path) for project in self.all()}
        return self._store.add([path for path in wanted if path not in known], at_ms=self._clock())

    def call(self, path: Path, name: str) -> str:
        """Give the registered project of a folder a name; returns the project's path."""
        root = self._real(str(path))
        for project in self.all():
            if self._real(project.path) == root:
                self._store.rename(project.id, name)
        return root

    def remove(self, wanted: str, directory: Path) -> Project:
        """Forget the project of a path or a name; the folder may be gone. Raises `InvalidInputError`."""
        absolute = os.path.abspath(directory / wanted)
        paths = {wanted, spelled(absolute), self._real(absolute)}
        found = [each for each in self.all() if each.path in paths or self._real(each.path) in paths]
        found = found or [each for each in self.all() if each.label == wanted]
        if not found:
            raise InvalidInputError(f"no project {wanted!r} is registered", hint="`cs today projects` shows them")
        if len(found) > 1:
            paths_found = ", ".join(each.path for each in found)
            raise InvalidInputError(f"several projects are called {wanted!r}", hint=f"give the path: {paths_found}")
        self._store.remove(found[0].id)
        return found[0]

    def _real(self, path: str) -> str:
        """The path sessions are kept under; for a folder that is gone the path as far as it leads."""
        return spelled(str(self._locate(folder_of(path)).directory))


def repositories_below(directory: Path, *, depth: int = DEPTH) -> Iterator[Path]:
    """Git roots below a folder, by name; nothing inside a repository, hidden or generated folder is looked at."""
    try:
        folders = sorted((entry for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)), key=_name)
    except OSError:
        return  # a folder that may not be read holds no project of this user
    for folder in folders:
        if folder.name.startswith(".") or folder.name in _NO_PROJECTS_IN:
            continue
        path = Path(folder.path)
        if (path / ".git").exists():
            yield Path(os.path.realpath(path))
        elif depth > 1:
            yield from repositories_below(path, depth=depth - 1)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
