"""Put a function in the place of another, now or when its module is imported, and put everything back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Undo = Callable[[], None]


def replace_function(owner: Any, name: str, wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Undo:
    """Replace a method, or a function of a module, by what `wrapped` makes of it; returns what puts it back."""
    original = getattr(owner, name)
    ours = wrapped(original)
    setattr(owner, name, ours)

    def undo() -> None:
        if getattr(owner, name) is ours:  # else somebody has wrapped us, and would be lost
            setattr(owner, name, original)

    return undo


class WhenImported(MetaPathFinder):
    """
    Calls back with a module once it is there: at once if it is already, else at the end of its import.

    So that watching a library costs nothing to a program that does not use it, and works for one that is
    imported later.
    """

    def __init__(self, wanted: dict[str, Callable[[ModuleType], list[Undo]]]) -> None:
        self._wanted = dict(wanted)
        self._undo: list[Undo] = []
        for name in list(self._wanted):
            if name in sys.modules:
                self._arrived(sys.modules[name])
        sys.meta_path.insert(0, self)

    def undo(self) -> None:
        """Wait no longer, and put everything back."""
        sys.meta_path.remove(self)
        while self._undo:
            self._undo.pop()()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the other finders give, with a loader that tells us."""
        if fullname not in self._wanted:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                self._listen(spec.loader)
                return spec
        return None

    def _listen(self, loader: Loader) -> None:
        execute = loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            self._arrived(module)

        loader.exec_module = executed  # type: ignore[method-assign]  # of this one loader, for this one import

    def _arrived(self, module: ModuleType) -> None:
        if self in sys.meta_path or module.__name__ in sys.modules:
            patch = self._wanted.pop(module.__name__, None)
            self._undo += patch(module) if patch is not None else []
