"""What README and manual tell a reader to type does what they say."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from codesession.cli.main import cli
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


INLINE = re.compile(r"`(cs [^`\n]+)`")


def mentioned() -> list[tuple[str, str]]:
    """Every command that stands in running text or a table, with its page."""
    found = {(named(page), text) for page in PAGES for text in INLINE.findall(page.read_text("utf-8"))}
    return sorted(found)


def unknown_in(words: list[str]) -> str | None:
    """The first word that is no command, or the first option that its command does not have."""
    command: click.Command = cli
    context = click.Context(cli, info_name="cs")
    for word in words:
        if word == "--" or (word == "run" and "--" not in words):
            return None
        if isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", word):
            inner = command.get_command(context, word)
            if inner is None:
                return None if command.params and command is not cli else word
            command, context = inner, click.Context(inner, info_name=word, parent=context)
        elif re.fullmatch(r"--?[a-z][a-z-]*", word):
            known = {name for option in command.get_params(context) for name in option.opts}
            if word not in known:
                return word
    return None


@pytest.mark.parametrize(("page", "text"), mentioned())
def test_a_command_in_running_text_exists_with_its_options(page: str, text: str) -> None:
    """What is only mentioned is not run, but must be there."""
    words = text.replace("[", " ").replace("]", " ").replace("|", " ").split()[1:]
    assert unknown_in(words) is None


def test_a_command_or_option_that_is_gone_is_noticed() -> None:
    """Also in a group, and also after arguments."""
    assert unknown_in(["nonsense"]) == "nonsense"
    assert unknown_in(["budget", "nonsense"]) == "nonsense"
    assert unknown_in(["budget", "set", "5", "--nonsense"]) == "--nonsense"
    assert unknown_in(["list", "--nonsense"]) == "--nonsense"
    assert unknown_in(["run", "--budget", "5", "--", "agent", "--its-own"]) is None
