"""
The decorator of classes that hold facts: made by the hundred thousand, and anew by every command that starts.

A frozen dataclass sets every field through `object.__setattr__`, which makes it three times as slow to build as a
plain one. Facts are therefore frozen for the type checker only: it refuses to change them exactly as if they were
`dataclass(frozen=True)`, and a running program pays nothing for it. A dataclass also compiles each of its methods from
text, half a millisecond per class; here only the one that builds it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as fact
else:
    from dataclasses import dataclass, fields
    from operator import attrgetter

    def fact(*, frozen: bool = True, **options):
        """`dataclass` with the same options; equal facts have equal hashes, as frozen ones do."""
        made = dataclass(repr=False, eq=False, **options)
        return lambda plain: _compared(made(plain))

    def _compared(cls):
        names = tuple(field.name for field in fields(cls))
        values = attrgetter(*names)

        def __eq__(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def __hash__(self):
            return hash(values(self))

        def __repr__(self):
            said = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
            return f"{self.__class__.__qualname__}({said})"

        cls.__eq__, cls.__hash__, cls.__repr__ = __eq__, __hash__, __repr__
        return cls


__all__ = ["fact"]
