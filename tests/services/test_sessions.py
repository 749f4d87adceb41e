"""Sessions begin, end and are looked at; one scope never touches another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codesession.domain.session import SessionStatus
from codesession.errors import (
    InvalidInputError,
    NoActiveSessionError,
    SessionActiveError,
    SessionNotFoundError,
    UnavailableError,
)
from codesession.services.sessions import MAX_NAME, MAX_NOTE, NEWEST_CALLS
from support.ledger import make_request, make_session
from support.sessions import Bench, open_bench

if TYPE_CHECKING:
    from tests.services.conftest import GitRepo

    from codesession.domain.repo import Baseline, Scan


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(tmp_path / "home")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    made = tmp_path / "plain"
    made.mkdir()
    return made


def test_a_session_knows_its_repository(bench: Bench, repo: GitRepo) -> None:
    """Root, branch and head of the start, also when it is begun in a subdirectory."""
    (repo.root / "deep").mkdir()
    session = bench.sessions.start("task", repo.root / "deep", budget_picousd=7).session
    assert (session.directory, session.git_root, session.git_branch) == (str(repo.root), str(repo.root), "main")
    assert session.start_git_head == repo.git("rev-parse", "HEAD")
    assert session.budget_picousd == 7


def test_a_second_start_here_is_refused_and_one_elsewhere_is_not(bench: Bench, here: Path, repo: GitRepo) -> None:
    """The error names the session that is in the way."""
    first = bench.sessions.start("one", here).session
    with pytest.raises(SessionActiveError) as caught:
        bench.sessions.start("two", here)
    assert caught.value.facts == {"id": first.id, "activeSession": "one"}
    assert bench.sessions.start("two", repo.root).session.id != first.id


def test_resume_continues_the_newest_open_one_or_begins(bench: Bench, here: Path) -> None:
    """Its own name stays."""
    begun = bench.sessions.start("one", here, resume=True)
    again = bench.sessions.start("other words", here, resume=True)
    assert (begun.resumed, again.resumed) == (False, True)
    assert (again.session.id, again.session.name) == (begun.session.id, "one")


def test_close_stale_ends_this_scope_only(bench: Bench, here: Path, repo: GitRepo) -> None:
    """Agents are told to pass it always: another repository's session must go on."""
    elsewhere = bench.sessions.start("elsewhere", repo.root).session
    stale = bench.sessions.start("old", here).session
    started = bench.sessions.start("new", here, close_stale=True)
    assert [(s.id, s.status) for s in started.closed] == [(stale.id, SessionStatus.COMPLETED)]
    assert '"new"' in (started.closed[0].end_notes or "")
    assert bench.sessions.detail(elsewhere.id).session.is_active


@pytest.mark.parametrize("how", ["close_stale", "resume"])
def test_a_start_that_another_start_came_before_closes_or_resumes_that_one(
    bench: Bench, repo: GitRepo, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Agents begin at the same moment: none of them is told to pass the option that it passed."""
    look, others = bench.sessions._repo.baseline, ["first", "second"]

    def slowly(root: Path) -> Baseline:
        seen = look(root)
        if others:
            bench.store.create_session(make_session(name=others.pop(0), directory=str(root)), exclusive=False)
        return seen

    monkeypatch.setattr(bench.sessions._repo, "baseline", slowly)
    started = bench.sessions.start("mine", repo.root, resume=how == "resume", close_stale=how == "close_stale")
    assert [s.name for s in bench.store.active_sessions()] == [started.session.name]
    if how == "resume":
        assert (started.session.name, started.resumed) == ("first", True)
    else:
        assert (started.session.name, [s.name for s in started.closed]) == ("mine", ["first", "second"])


def test_a_session_that_somebody_else_ended_meanwhile_is_not_ours_to_tell_of(
    bench: Bench, repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two starts with --close-stale one closes the old session; its note stays."""
    stale = bench.sessions.start("old", repo.root).session
    scan = bench.sessions._repo.scan

    def slowly(*asked: Any) -> Scan:
        bench.store.finish_session(stale.id, ended_at_ms=bench.clock(), notes="theirs")
        return scan(*asked)

    monkeypatch.setattr(bench.sessions._repo, "scan", slowly)
    assert bench.sessions.start("new", repo.root, close_stale=True).closed == ()
    assert bench.sessions.detail(stale.id).session.end_notes == "theirs"


def test_a_start_that_never_gets_its_turn_ends(bench: Bench, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error, however busy the others are."""
    monkeypatch.setattr(bench.store, "create_session", lambda *_, **__: None)
    with pytest.raises(UnavailableError, match="keep opening"):
        bench.sessions.start("mine", here)


@pytest.mark.parametrize("how", ["resume", "close_stale"])
def test_inside_a_run_both_join_the_runs_session(bench: Bench, here: Path, how: str) -> None:
    """Ending it would take the budget and the attribution away from the command that is running."""
    run = bench.sessions.start("run", here, parallel=True).session
    joined = bench.inside_run(run.id).sessions.start("agent's own", here, resume=how == "resume", close_stale=True)
    assert (joined.session.id, joined.resumed, joined.closed) == (run.id, True, ())


def test_a_parallel_session_begins_beside_an_open_one(bench: Bench, here: Path) -> None:
    """`cs run` twice in one repository."""
    first = bench.sessions.start("a", here, parallel=True).session
    second = bench.sessions.start("b", here, parallel=True).session
    assert {s.id for s in bench.store.active_sessions(str(here))} == {first.id, second.id}


def test_the_end_keeps_what_happened_in_the_repository(bench: Bench, repo: GitRepo) -> None:
    """Commits with their messages, files with their kind of change, in the same answer as the session."""
    session = bench.sessions.start("task", repo.root).session
    repo.commit("Add b", "b.txt")
    repo.write("loose.txt")
    bench.clock.now += 90_000
    ended = bench.sessions.end(None, repo.root, notes="done")
    assert (ended.session.status, ended.session.end_notes) == (SessionStatus.COMPLETED, "done")
    assert ended.session.duration_ms(0) == 90_000
    assert [c.message for c in ended.commits] == ["Add b"]
    assert {(f.file_path, f.change_type) for f in ended.files} == {("b.txt", "created"), ("loose.txt", "created")}
    assert (ended.session.files_changed, ended.session.commits) == (2, 1)
    assert bench.sessions.detail(session.id).commits == ended.commits


def test_a_folder_whose_name_is_no_text_keeps_its_work(bench: Bench, new_repo: Callable[[str], GitRepo]) -> None:
    """Names on disk are bytes; one that differs in such a byte is another folder."""
    repo = new_repo(os.fsdecode(b"jos\xe9"))
    started = bench.sessions.start("task", repo.root).session
    repo.commit("one")
    other = repo.root.with_name(os.fsdecode(b"jos\xe8"))
    other.mkdir()
    bench.sessions.start("elsewhere", other)
    ended = bench.sessions.end(None, repo.root)
    assert ended.session.id == started.id
    assert ended.session.directory.endswith("jos\\xe9")
    assert ([each.message for each in ended.commits], ended.warnings) == (["one"], ())


def test_our_own_files_are_nobodys_work(git_env: Path, new_repo: Callable[[str], GitRepo]) -> None:
    """People keep their home directory in git: the ledger and its companions are not what the agent changed."""
    home = new_repo("home")
    bench = open_bench(home.root)
    bench.sessions.start("task", home.root)
    home.write("notes.txt")
    home.write(".codesession/pricing.json")
    assert [f.file_path for f in bench.sessions.end(None, home.root).files] == ["notes.txt"]


def test_a_ledger_inside_the_repository_is_nobodys_work(bench: Bench, repo: GitRepo) -> None:
    """CODESESSION_DB_PATH may point there; its write-ahead log and backups count as little."""
    bench.sessions._ledger = repo.root / "usage.db"
    bench.sessions.start("task", repo.root)
    for name in ("usage.db", "usage.db-wal", "usage.db-shm", "usage.db.npm-backup-1", "own.txt"):
        repo.write(name)
    assert [f.file_path for f in bench.sessions.end(None, repo.root).files] == ["own.txt"]


def test_an_ended_session_cannot_end_again(bench: Bench, here: Path) -> None:
    """The first end's note and time stay."""
    session = bench.sessions.start("task", here).session
    bench.sessions.end(None, here, notes="first")
    with pytest.raises(NoActiveSessionError, match="already ended"):
        bench.sessions.end(session.id, here, notes="second")
    assert bench.sessions.detail(session.id).session.end_notes == "first"


def test_an_end_that_comes_second_in_a_race_says_so(bench: Bench, here: Path) -> None:
    """While this one looked at the repository another ended the session: its note must not vanish silently."""
    session = bench.sessions.start("task", here).session
    look = bench.sessions._repo.scan

    def look_while_another_ends(*arguments: object) -> object:
        bench.store.finish_session(session.id, ended_at_ms=1, notes="the other")
        return look(*arguments)

    bench.sessions._repo.scan = look_while_another_ends
    with pytest.raises(NoActiveSessionError, match="already ended"):
        bench.sessions.end(None, here, notes="mine")


def test_an_unusable_note_leaves_the_session_open(bench: Bench, here: Path) -> None:
    """Refused before anything is done."""
    bench.sessions.start("task", here)
    with pytest.raises(InvalidInputError):
        bench.sessions.end(None, here, notes="x" * (MAX_NOTE + 1))
    assert bench.sessions.status(None, here).session.is_active


def test_a_session_ends_even_when_its_directory_is_gone(bench: Bench, repo: GitRepo) -> None:
    """The reason comes back as a warning; the session does not stay open for ever."""
    session = bench.sessions.start("task", repo.root).session
    repo.root.rename(repo.root.with_name("moved"))
    ended = bench.sessions.end(session.id, Path("/"))
    assert not ended.session.is_active
    assert ended.warnings


def test_a_detail_holds_the_newest_calls_unless_all_are_wanted(bench: Bench, here: Path) -> None:
    """Agents read a status often; a long session must not grow without end."""
    session = bench.sessions.start("task", here).session
    bench.store.add_requests([make_request(session_id=session.id, started_at_ms=n) for n in range(NEWEST_CALLS + 2)])
    assert [r.started_at_ms for r in bench.sessions.status(None, here).requests] == list(range(2, NEWEST_CALLS + 2))
    assert len(bench.sessions.detail(session.id, all_calls=True).requests) == NEWEST_CALLS + 2
    assert bench.sessions.newest().session.requests == NEWEST_CALLS + 2


def test_recover_ends_what_is_older_than_the_limit_wherever_it_is(bench: Bench, here: Path, repo: GitRepo) -> None:
    """A young session goes on; the note says why the old one ended."""
    old = bench.sessions.start("old", here).session
    bench.clock.now += 3_600_000
    young = bench.sessions.start("young", repo.root).session
    assert [s.id for s in bench.sessions.recover(max_age_ms=3_600_000)] == [old.id]
    assert "recovered" in (bench.sessions.detail(old.id).session.end_notes or "")
    assert bench.sessions.detail(young.id).session.is_active


def test_an_export_holds_every_session_and_every_call(bench: Bench, here: Path) -> None:
    """Newest first, or the newest few."""
    for name in ("one", "two"):
        session = bench.sessions.start(name, here).session
        bench.store.add_requests([make_request(session_id=session.id) for _ in range(NEWEST_CALLS + 1)])
        bench.sessions.end(None, here)
        bench.clock.now += 1
    assert [(d.session.name, len(d.requests)) for d in bench.sessions.export(limit=None)] == [
        ("two", NEWEST_CALLS + 1),
        ("one", NEWEST_CALLS + 1),
    ]
    assert [d.session.name for d in bench.sessions.export(limit=1)] == ["two"]


def test_there_is_no_newest_session_in_an_empty_ledger(bench: Bench) -> None:
    """`cs show` before anything was done."""
    with pytest.raises(SessionNotFoundError, match="no session yet"):
        bench.sessions.newest()


@pytest.mark.parametrize("name", ["", "   ", "\n\t", "x" * (MAX_NAME + 1)])
def test_a_name_that_says_nothing_or_too_much_is_refused(bench: Bench, here: Path, name: str) -> None:
    """And nothing is begun."""
    with pytest.raises(InvalidInputError, match="session name"):
        bench.sessions.start(name, here)
    assert bench.store.active_sessions() == []


@pytest.mark.parametrize("name", ["x" * MAX_NAME, "emoji 🤖", "a\x00b", "\udcff", "\x1b[31mred", "two\nlines"])
def test_any_other_name_is_kept(bench: Bench, here: Path, name: str) -> None:
    """Bytes a database refuses are made visible; nothing else is changed: only printing has to be careful."""
    kept = bench.sessions.start(name, here).session.name
    assert kept == name.replace("\x00", "␀").replace("\udcff", r"\xff")


def test_a_note_is_kept_with_its_time(bench: Bench, here: Path) -> None:
    """Empty ones and whole books are refused."""
    session = bench.sessions.start("task", here).session
    bench.clock.now += 5
    note, seen = bench.sessions.note("found it", None, here)
    assert (note.message, note.created_at_ms, seen.id) == ("found it", bench.clock.now, session.id)
    for text in ("", " ", "x" * (MAX_NOTE + 1)):
        with pytest.raises(InvalidInputError, match="note"):
            bench.sessions.note(text, None, here)
    assert bench.store.notes(session.id) == [note]
