"""Days a stand-up looks back to, and what projects are called."""

from __future__ import annotations

from datetime import date

import pytest

from codesession.domain.today import Project, RepoState, last_working_day


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2026, 11, 24), date(2026, 11, 23)),  # Tuesday, Monday
        (date(2026, 11, 23), date(2026, 11, 20)),  # Monday, Friday
        (date(2026, 11, 22), date(2026, 11, 20)),  # Sunday, Friday
        (date(2026, 11, 21), date(2026, 11, 20)),  # Saturday, Friday
        (date(2027, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_stand_up_looks_back_to_the_last_working_day(today: date, before: date) -> None:
    """Weekends are passed over."""
    assert last_working_day(today) == before


def test_a_project_is_called_by_its_name_or_its_folder() -> None:
    """The root of a disk has only its path."""
    assert Project(id=1, path="/code/shop", name=None, added_at_ms=0).label == "shop"
    assert Project(id=1, path="/code/shop", name="The shop", added_at_ms=0).label == "The shop"
    assert Project(id=1, path="/", name=None, added_at_ms=0).label == "/"


def test_a_file_that_is_staged_and_changed_again_is_one_uncommitted_file() -> None:
    """Counted once in what differs from HEAD."""
    state = RepoState(branch="main", head=None, staged=("a", "b"), changed=("b",), untracked=("c/",))
    assert state.uncommitted == ("a", "b", "c/")
