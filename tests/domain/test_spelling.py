"""Paths that are no text."""

from __future__ import annotations

import os

import pytest

from codesession.domain.spelling import spelled, unspelled


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"/home/dir", "/home/dir"),
        ("/home/größe".encode(), "/home/größe"),
        (b"/home/jos\xe9", "/home/jos\\xe9"),
        (b"/home/jos\xe8", "/home/jos\\xe8"),
    ],
)
def test_bytes_that_are_no_text_are_told(name: bytes, text: str) -> None:
    """Folders that differ only in them are not one."""
    assert spelled(os.fsdecode(name)) == text
    assert unspelled(text) == os.fsdecode(name)


def test_a_folder_of_windows_is_no_spelling() -> None:
    """A ledger may hold paths of another machine."""
    assert unspelled("C:\\xabc\\project") == "C:\\xabc\\project"


def test_half_a_character_is_no_byte() -> None:
    """What an agent cut in two in a title."""
    assert spelled("so \ud83d") == "so ?"
