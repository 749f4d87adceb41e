"""Baselines as text."""

from __future__ import annotations

import pytest

from codesession.domain.repo import Baseline


def test_a_baseline_comes_back_from_its_text() -> None:
    """All facts but the warnings, which were shown when it was taken; undecodable path bytes survive."""
    taken = Baseline(
        taken_at_ms=1_700_000_000_123,
        head="a" * 40,
        branch="feature/ü",
        refs=("a" * 40, "b" * 40),
        refs_complete=False,
        reflog_length=7,
        dirty={"with \udcff byte": "100644 3 abc", "gone": ""},
        dirty_complete=False,
        git_dir="/repo/dots.git",
    )

    text = taken.to_json()

    assert text.isascii()
    assert Baseline.from_json(text) == taken


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"takenAt": "soon"}', '{"takenAt": 1, "refs": 2}'])
def test_other_text_is_refused(text: str) -> None:
    """The caller falls back to times."""
    with pytest.raises(ValueError, match=r".+"):
        Baseline.from_json(text)
