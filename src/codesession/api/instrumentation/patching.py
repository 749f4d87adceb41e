"""Put a function in the place of a method, and the method back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def replace_method(
    owner: type, name: str, wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[], None]:
    """Replace a method by what `wrapped` makes of it; returns what puts it back."""
    original = getattr(owner, name)
    ours = wrapped(original)
    setattr(owner, name, ours)

    def undo() -> None:
        if getattr(owner, name) is ours:  # else somebody wrapped us: ours stays in between, and does nothing anew
            setattr(owner, name, original)

    return undo
