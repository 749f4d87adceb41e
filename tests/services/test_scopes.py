"""Which session a command means."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.domain.session import Session
from codesession.errors import AmbiguousSessionError, NoActiveSessionError, SessionNotFoundError
from support.sessions import Bench, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(tmp_path / "home")


def folder(bench: Bench, name: str) -> Path:
    """A directory outside git."""
    made = bench.home.parent / name
    made.mkdir(exist_ok=True)
    return made


def begin(bench: Bench, name: str, *, parallel: bool = False) -> Session:
    return bench.sessions.start(name, folder(bench, name), parallel=parallel).session


def test_a_number_names_its_session_wherever_one_is(bench: Bench) -> None:
    """Also one that has ended, and also inside another repository."""
    first, second = begin(bench, "a"), begin(bench, "b")
    bench.sessions.end(first.id, folder(bench, "a"))
    assert bench.scopes.chosen(first.id, folder(bench, "b")).id == first.id
    assert bench.scopes.chosen(second.id, folder(bench, "a")).id == second.id


@pytest.mark.parametrize("number", [0, -1, 999, 2**63 - 1, 2**63, 10**30])
def test_a_number_no_session_has_is_not_found(bench: Bench, number: int) -> None:
    """Numbers beyond what a database holds are not there either; they are no storage error."""
    begin(bench, "a")
    with pytest.raises(SessionNotFoundError) as caught:
        bench.scopes.chosen(number, folder(bench, "a"))
    assert caught.value.facts["id"] == number


def test_the_session_of_this_directory_comes_before_others(bench: Bench) -> None:
    """A subdirectory of no repository is a scope of its own, and then the only active one counts."""
    here, there = begin(bench, "here"), begin(bench, "there")
    assert bench.scopes.chosen(None, folder(bench, "here")).id == here.id
    bench.sessions.end(here.id, folder(bench, "here"))
    assert bench.scopes.chosen(None, folder(bench, "here")).id == there.id


def test_several_elsewhere_are_ambiguous_and_named(bench: Bench) -> None:
    """Guessing would end, note or price somebody else's session."""
    begin(bench, "a")
    begin(bench, "b")
    with pytest.raises(AmbiguousSessionError) as caught:
        bench.scopes.chosen(None, folder(bench, "c"))
    assert [s["name"] for s in caught.value.facts["sessions"]] == ["a", "b"]


def test_none_anywhere_says_how_to_start(bench: Bench) -> None:
    """The error carries the way out."""
    with pytest.raises(NoActiveSessionError) as caught:
        bench.scopes.chosen(None, folder(bench, "a"))
    assert "cs start" in (caught.value.hint or "")


def test_inside_a_run_its_session_is_meant_before_parallel_ones_here(bench: Bench) -> None:
    """Two runs in one repository: each command finds the run that it is part of."""
    first, second = begin(bench, "a", parallel=True), begin(bench, "a", parallel=True)
    assert bench.inside_run(first.id).scopes.chosen(None, folder(bench, "a")).id == first.id
    assert bench.inside_run(second.id).scopes.chosen(None, folder(bench, "a")).id == second.id
    with pytest.raises(AmbiguousSessionError):
        bench.scopes.chosen(None, folder(bench, "a"))


def test_inside_a_run_another_repository_with_a_session_of_its_own_keeps_to_it(bench: Bench) -> None:
    """`cs end` over there must end what was started there, not the run; without one there, the run is meant."""
    run, other = begin(bench, "run"), begin(bench, "other")
    inside = bench.inside_run(run.id)
    assert inside.scopes.chosen(None, folder(bench, "other")).id == other.id
    bench.sessions.end(other.id, folder(bench, "other"))
    begin(bench, "third")
    assert inside.scopes.chosen(None, folder(bench, "other")).id == run.id


@pytest.mark.parametrize("number", [999, 0, 2**70])
def test_a_surrounding_session_that_is_not_there_counts_for_nothing(bench: Bench, number: int) -> None:
    """The variable may be left over from another ledger; commands then work as if it were not set."""
    here = begin(bench, "a")
    inside = bench.inside_run(number)
    assert inside.scopes.surrounding() is None
    assert inside.scopes.chosen(None, folder(bench, "a")).id == here.id


def test_a_surrounding_session_that_has_ended_counts_for_nothing(bench: Bench) -> None:
    """A daemon that outlives its run must not write into what is closed."""
    run = begin(bench, "run")
    bench.sessions.end(run.id, folder(bench, "run"))
    with pytest.raises(NoActiveSessionError):
        bench.inside_run(run.id).scopes.chosen(None, folder(bench, "run"))
