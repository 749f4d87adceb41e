"""What README and manual tell a reader to type does what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.manual import ROOT, Block, Reader, blocks, commands_outside, first_difference

DOCS = ROOT / "docs"
GENERATED = DOCS / "reference"

PAGES = [ROOT / "README.md", *(page for page in sorted(DOCS.rglob("*.md")) if GENERATED not in page.parents)]
TYPED = [page for page in PAGES if blocks(page)]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", TYPED, ids=named)
def test_every_command_of_a_page_does_what_it_says(reader: Reader, page: Path) -> None:
    """Typed from top to bottom in an empty home; what a console block shows is what comes."""
    for block in blocks(page):
        reader.follow(block)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_command_hides_from_the_test_above(page: Path) -> None:
    """In a block that is not marked as shell, or an indented one."""
    assert commands_outside(page) == []


def test_what_is_not_run_is_little_and_says_why() -> None:
    """Installing software, other people's agents, the internet, a database server: nothing else is left out."""
    skipped = [block for page in PAGES for block in blocks(page) if block.mark.startswith("not run")]
    run = [block for page in PAGES for block in blocks(page) if not block.mark.startswith("not run")]
    reasons = ("installs", "needs", "asks")
    assert [str(block) for block in skipped if not block.mark.removeprefix("not run: ").startswith(reasons)] == []
    assert len(skipped) * 4 < len(run), [str(block) for block in skipped]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_mark_stands_before_a_block(page: Path) -> None:
    """A mark with a typing error would let a block run, or mark nothing."""
    marks = re.findall(r"<!-- (.+?) -->", page.read_text("utf-8"))
    assert sorted(marks) == sorted(block.mark for block in blocks(page) if block.mark)


PROBLEMS = {
    "sh": ("cs nonsense\n", "exit status 1"),
    "console": ("$ echo one\ntwo\n", "'two' did not come"),
}


@pytest.mark.parametrize("language", PROBLEMS)
def test_a_page_that_promises_too_much_fails(reader: Reader, language: str) -> None:
    """A command that fails; output that does not come."""
    text, complaint = PROBLEMS[language]
    with pytest.raises(AssertionError, match=complaint):
        reader.follow(Block(ROOT / "README.md", 1, language, text, ""))


def test_a_documented_failure_that_succeeds_fails(reader: Reader) -> None:
    """The other way round."""
    with pytest.raises(AssertionError, match="exit status 0"):
        reader.follow(Block(ROOT / "README.md", 1, "sh", "cs --version\n", "exits with 1"))


def test_a_failure_in_the_middle_of_a_block_is_noticed(reader: Reader) -> None:
    """Not only that of the last command."""
    with pytest.raises(AssertionError, match="exit status 1"):
        reader.follow(Block(ROOT / "README.md", 1, "sh", "cs nonsense\ncs --version\n", ""))


def test_output_is_compared_line_by_line_in_order() -> None:
    """Digits stand for digits, `…` for anything; words must be there."""
    said = "AI cost  $0.0660  5 calls\nTime  2m 10s\n"
    assert first_difference(["AI cost $0.12 1 calls", "…", "Time 1m 1s"], said) is None
    assert first_difference(["Time …", "AI cost …"], said) == "AI cost …"
    assert first_difference(["AI cost $0.12 1 runs"], said) == "AI cost $0.12 1 runs"
