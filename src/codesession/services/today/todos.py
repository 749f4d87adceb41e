"""
Open ends that comments of recently changed files name. One git process.

Git finds the lines (whole word, no binary files, untracked files too); whether the word stands in a comment is told
by what opens one in that kind of file. In prose (Markdown, plain text) only HTML comments count. A line inside a
block comment counts when it begins with `*`, as most are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache

from codesession.domain.today import Todo
from codesession.services.repo.process import Git

MOST = 20
"""Open ends shown of one project."""
_TEXT = 200
"""Characters of a line that are kept; what a minified file has in one line is none for people."""
_LINE = 2_000
"""Characters of a line that are looked at."""
_KINDS = "TODO|FIXME|HACK|XXX"
_SOME_OR_NONE = frozenset({0, 1})
"""git grep's exit status says whether it found any."""

_SLASHES = (r"//", r"/\*", r"^\s*\*")
_MARKUP = (r"<!--",)
_LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("c cc cpp cs cxx dart go h hpp java js jsx kt m mjs cjs rs scala swift ts tsx zig", _SLASHES),
    ("py pyi rb sh bash zsh fish pl r yaml yml toml mk cmake tf nix ex exs jl", (r"#",)),
    ("sql lua hs elm adb ads vhd", (r"--", r"/\*", r"^\s*\*")),
    ("css scss less", _SLASHES),
    ("html htm xml svg md markdown rst txt", _MARKUP),
    ("vue svelte astro php", (*_SLASHES, *_MARKUP, r"#")),
    ("lisp clj cljs el scm asm ini", (r";", r"#")),
    ("tex erl m4 bib", (r"%",)),
    ("bat cmd", (r"(?i:\brem\b)", r"::")),
)
_OPENERS = {ending: openers for endings, openers in _LANGUAGES for ending in endings.split()}
"""Ending of a file's name to what opens a comment in it."""
_ANYTHING = (r"#", r"//", r"/\*", r"^\s*\*", r"<!--", r"--\s")
"""For files of no known kind: Makefile, Dockerfile, scripts without an ending."""
_QUOTES = ('"', "'", "`")


def find_todos(git: Git, files: Sequence[bytes]) -> tuple[Todo, ...]:
    """At most `MOST`, those of the first files first; raises `GitError`."""
    if not files:
        return ()
    rank = {path: place for place, path in enumerate(files)}
    output = git.run(
        "--literal-pathspecs",
        *("grep", "--untracked", "-n", "-z", "-I", "-w", "-E", "-e", _KINDS, "--"),
        *(os.fsdecode(path) for path in files),
        accepted=_SOME_OR_NONE,
    )
    found = []
    for line in output.split(b"\n"):
        path, _, rest = line.partition(b"\0")
        number, _, text = rest.partition(b"\0")
        name = path.decode("utf-8", "backslashreplace")
        opened = comment_in(name, text[:_LINE].decode("utf-8", "replace"))
        if opened is not None:
            kind, said = opened
            found.append((rank.get(path, len(rank)), Todo(file=name, line=int(number), kind=kind, text=said)))
    found.sort(key=lambda entry: entry[0])
    return tuple(todo for _, todo in found[:MOST])


def comment_in(file: str, line: str) -> tuple[str, str] | None:
    """The word and what follows it, if it stands in a comment of the line."""
    ending = file.rpartition("/")[2].rpartition(".")[2].lower()
    openers = _OPENERS.get(ending, _ANYTHING)
    for opened in _pattern(openers).finditer(line):
        if not _in_string(line[: opened.start()]):
            said = opened["said"].strip().removesuffix("*/").removesuffix("-->").strip(" :-\t")
            return opened["kind"], said[:_TEXT]
    return None


@cache
def _pattern(openers: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(openers)})(?:.*?\W)??(?<!\w)(?P<kind>{_KINDS})(?!\w)(?:\([^)]*\))?(?P<said>.*)")


def _in_string(before: str) -> bool:
    """Whether a quote was opened on the line and not closed: a `#` in a text is no comment."""
    return any(before.count(quote) % 2 for quote in _QUOTES)
