"""What a set-up would change, before it changes anything."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from codesession.errors import reason
from codesession.services.files import copies, read_text
from codesession.services.setup.pieces import KeptError, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file before and after; None: it is not there."""

    path: Path
    before: str | None
    after: str | None
    is_all_ours: bool = False
    """What is there now can be made again by the same command: nothing is lost without a copy."""

    @property
    def action(self) -> str:
        """`created`, `modified` or `removed`."""
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "modified"

    def diff(self) -> str:
        """As `diff -u` shows it."""
        name = str(self.path)
        before = (self.before or "").splitlines(keepends=True)
        after = (self.after or "").splitlines(keepends=True)
        lines = unified_diff(
            before,
            after,
            name if self.before is not None else "/dev/null",
            name if self.after is not None else "/dev/null",
            n=1,  # more would only bring more of the user's settings, and their keys, onto the screen
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All changes for one agent."""

    agent: str
    changes: tuple[FileChange, ...]
    notes: tuple[str, ...]
    """What was kept as it is and why, and what the user should know."""


def make_plan(agent: str, pieces: Iterable[Piece], *, undo: bool, notes: tuple[str, ...] = ()) -> Plan:
    """Put all pieces in, or take them out; files are read, none is written."""
    before: dict[Path, str | None] = {}
    after: dict[Path, str | None] = {}
    kept: list[str] = []
    known = list(pieces)
    for piece in known:
        try:
            if piece.path not in before:
                before[piece.path] = after[piece.path] = _read(piece.path)
            text = after[piece.path]
            if undo and text is None:
                continue
            after[piece.path] = piece.take_out(text) if undo else piece.put_in(text)
        except KeptError as error:
            kept.append(str(error))
    if undo:
        for path, text in before.items():
            if text != after[path]:
                after[path] = _as_it_was(path, after[path], [piece for piece in known if piece.path == path])
    changes = tuple(
        FileChange(path=path, before=text, after=after[path], is_all_ours=_is_made_from_nothing(text, path, known))
        for path, text in before.items()
        if text != after[path]
    )
    return Plan(agent=agent, changes=changes, notes=(*kept, *(() if undo else notes)))


def _as_it_was(path: Path, left: str | None, pieces: list[Piece]) -> str | None:
    """What is `left` of a file in the form it had before the pieces came: that of a copy they leave the same of."""
    for copy in copies(Path(os.path.realpath(path))):
        with suppress(OSError, ValueError):  # a copy that nobody can read is none
            text = read_text(copy)
            if text is not None and _without(text, pieces) == text and _without(_with(text, pieces), pieces) == left:
                return text
    return left


def _with(text: str | None, pieces: list[Piece]) -> str | None:
    for piece in pieces:
        with suppress(KeptError):
            text = piece.put_in(text)
    return text


def _without(text: str | None, pieces: list[Piece]) -> str | None:
    for piece in pieces:
        with suppress(KeptError):
            text = None if text is None else piece.take_out(text)
    return text


def _is_made_from_nothing(text: str | None, path: Path, pieces: Iterable[Piece]) -> bool:
    """Whether a first set-up with the pieces that are in would write just this; one may be left out (the endpoint)."""
    made: str | None = None
    for piece in pieces:
        if piece.path == path and piece.take_out(text) != text:
            made = piece.put_in(made)
    return made == text


def _read(path: Path) -> str | None:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise KeptError(f"{path} cannot be read: {reason(error)}") from error
