"""
The decorator of classes that hold facts and are made by the hundred thousand.

A frozen dataclass sets every field through `object.__setattr__`, which makes it three times as slow to build as a
plain one. Facts made once per model call are therefore frozen for the type checker only: it refuses to change them
exactly as if they were `dataclass(frozen=True)`, and a running program pays nothing for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as fact
else:
    from dataclasses import dataclass

    def fact(*, frozen: bool = True, **options):
        """`dataclass` with the same options; equal facts have equal hashes, as frozen ones do."""
        return dataclass(unsafe_hash=frozen, **options)


__all__ = ["fact"]
