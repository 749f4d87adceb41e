"""Which words are open ends and which are only words."""

from __future__ import annotations

import pytest

from codesession.services.repo.process import Git
from codesession.services.today.todos import MOST, comment_in, find_todos
from services.conftest import GitRepo


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("a.py", "x = 1  # TODO: mend the clock", ("TODO", "mend the clock")),
        ("a.py", "# FIXME(ada): later", ("FIXME", "later")),
        ("a.py", "    #HACK", ("HACK", "")),
        ("a.py", "# see XXX", ("XXX", "")),
        ("a.ts", "call() // todo, or TODO really", ("TODO", "really")),
        ("a.c", " * TODO free it */", ("TODO", "free it")),
        ("a.sql", "-- TODO index", ("TODO", "index")),
        ("README.md", "<!-- TODO picture -->", ("TODO", "picture")),
        ("Makefile", "# TODO phony", ("TODO", "phony")),
        ("a.py", "TODO = 1", None),
        ("a.py", 'print("# TODO")', None),
        ("a.js", "const u = `http://TODO`", None),
        ("a.py", "# TODOS and XTODO and TODO_LIST", None),
        ("README.md", "the TODO list", None),
        ("a.ts", "# TODO", None),
        ("a.css", "#TODO { color: red }", None),
    ],
)
def test_an_open_end_is_a_whole_word_in_a_comment(file: str, line: str, found: tuple[str, str] | None) -> None:
    """By what opens a comment in that kind of file; what a text holds is none."""
    assert comment_in(file, line) == found


def test_only_the_given_files_are_searched_in_their_order(repo: GitRepo) -> None:
    """Untracked and oddly named ones too; binary, vanished and other ones not."""
    repo.commit("x", "elsewhere.py")
    repo.write("elsewhere.py", "# TODO not asked\n")
    repo.write("z [1] ü.py", "\n# TODO first\n# TODO second\n")
    repo.write("a.py", "# FIXME last\n")
    repo.write("b.py", "\0# TODO binary\n")
    names = ["z [1] ü.py", "gone.py", "b.py", "a.py"]

    found = find_todos(Git(repo.root, timeout=20), [name.encode() for name in names])

    assert [(each.file, each.line, each.kind, each.text) for each in found] == [
        ("z [1] ü.py", 2, "TODO", "first"),
        ("z [1] ü.py", 3, "TODO", "second"),
        ("a.py", 1, "FIXME", "last"),
    ]


def test_no_more_than_a_person_reads(repo: GitRepo) -> None:
    """And a line as long as a file is cut."""
    repo.write("many.py", f"# TODO {'x' * 100_000}\n" * (MOST + 5))
    found = find_todos(Git(repo.root, timeout=20), [b"many.py"])
    assert len(found) == MOST
    assert len(found[0].text) <= 200
    assert find_todos(Git(repo.root, timeout=20), []) == ()
