"""Following a session live: the real watcher, real git, a ledger of the watcher's own thread."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codesession.services.watching import Watch
from support.sessions import Bench, open_bench

if TYPE_CHECKING:
    from tests.services.conftest import GitRepo

    from codesession.domain.session import Session

PATIENCE_S = 20.0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(tmp_path / "home")


class Following:
    """A watch in its own thread, and what it has shown."""

    def __init__(self, home: Path, session: Session) -> None:
        self.stop = threading.Event()
        self.shown: list[str] = []
        self.error: BaseException | None = None
        self._home = home
        self._session = session
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        bench = open_bench(self._home)
        try:
            watch = Watch(bench.store, self._session, self.stop, is_ours=bench.sessions.is_ours)
            for event in watch.events():
                self.shown.append(f"{event.mark} {event.text}")
        except BaseException as error:  # the test's own thread looks at it
            self.error = error
        finally:
            bench.store.close()

    def until(self, condition: Callable[[], bool], *, do: Callable[[], object] = lambda: None) -> None:
        """Repeat `do` until the condition holds; fails with what was shown instead."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.error is None, self.error
            assert time.monotonic() < deadline, self.shown
            do()
            time.sleep(0.02)

    def until_shown(self, *events: str) -> None:
        """Wait for all of these."""
        self.until(lambda: set(events) <= set(self.shown))

    def has_let_go(self) -> bool:
        """Whether the watch has ended by itself."""
        self.thread.join(PATIENCE_S)
        return not self.thread.is_alive() and self.error is None


@contextmanager
def following(bench: Bench, session: Session) -> Iterator[Following]:
    """A watch that is known to see: a probe file was written until it was shown."""
    watch = Following(bench.home, session)
    watch.thread.start()
    probe = Path(session.directory) / "probe"
    watch.until(lambda: any(line.endswith(" probe") for line in watch.shown), do=lambda: probe.write_text("x"))
    yield watch
    watch.stop.set()
    assert watch.has_let_go()


def test_files_are_shown_and_kept_as_they_come_and_go(bench: Bench, tmp_path: Path) -> None:
    """Also one that is gone before the end: no later look at the directory could find it."""
    here = tmp_path / "plain"
    (here / "deep").mkdir(parents=True)
    session = bench.sessions.start("task", here).session
    with following(bench, session) as watch:
        file = here / "deep" / "with space ü.txt"
        file.write_text("x")
        watch.until_shown("+ deep/with space ü.txt")
        file.unlink()
        watch.until_shown("- deep/with space ü.txt")
    kept = {f.file_path: f.change_type for f in bench.store.files(session.id)}
    assert kept["deep/with space ü.txt"] == "deleted"


def test_commits_are_shown_once_and_left_for_the_end_to_keep(bench: Bench, repo: GitRepo) -> None:
    """An amended commit would stay in the ledger if it were stored when seen."""
    session = bench.sessions.start("task", repo.root).session
    with following(bench, session) as watch:
        first = repo.commit("Add b", "b.txt")
        watch.until_shown(f"* {first[:7]} Add b")
        second = repo.commit("Add c", "c.txt")
        watch.until_shown(f"* {second[:7]} Add c")
        assert watch.shown.count(f"* {first[:7]} Add b") == 1
        assert bench.store.commits(session.id) == []
    assert [c.hash for c in bench.sessions.end(None, repo.root).commits] == [first, second]


def test_the_first_commit_of_a_repository_is_seen(bench: Bench, new_repo: Callable[[str], GitRepo]) -> None:
    """A session may begin before there is any."""
    made = new_repo("fresh")
    session = bench.sessions.start("task", made.root).session
    with following(bench, session) as watch:
        head = made.commit("Begin", "a.txt")
        watch.until_shown(f"* {head[:7]} Begin")


def test_what_git_ignores_is_no_work(bench: Bench, repo: GitRepo) -> None:
    """Build output is neither shown nor kept; what git does inside .git is not either."""
    repo.commit("Ignore build", ".gitignore")
    repo.write(".gitignore", "build/\n")
    session = bench.sessions.start("task", repo.root).session
    with following(bench, session) as watch:
        repo.write("build/out.o")
        repo.write("source.c")
        watch.until_shown("+ source.c")
    shown = {line.split(" ", 1)[1] for line in watch.shown}
    assert shown == {"probe", "source.c"}
    assert {f.file_path for f in bench.store.files(session.id)} == {"probe", "source.c"}


def test_a_checkout_is_nobodys_editing(bench: Bench, repo: GitRepo) -> None:
    """Changing the branch rewrites files; nobody wrote them."""
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("Many", *(f"many/{n}.txt" for n in range(20)))
    session = bench.sessions.start("task", repo.root).session
    with following(bench, session) as watch:
        repo.git("checkout", "--quiet", "main")
        watch.until(lambda: not (repo.root / "many").exists())
        watch.until(
            lambda: any(line.endswith(" after.txt") for line in watch.shown), do=lambda: repo.write("after.txt")
        )
    assert not [line for line in watch.shown if "many/" in line]


def test_our_own_ledger_is_not_watched(tmp_path: Path) -> None:
    """A session in the home folder: keeping a change writes the ledger, which would be the next change, for ever."""
    home = tmp_path / "home"
    bench = open_bench(home)
    session = bench.sessions.start("task", home).session
    with following(bench, session) as watch:
        for number in range(3):
            (home / f"{number}.txt").write_text("x")
            watch.until_shown(f"+ {number}.txt")
    assert not [line for line in watch.shown if ".codesession" in line]
    assert not [f for f in bench.store.files(session.id) if ".codesession" in f.file_path]


def test_an_end_elsewhere_lets_go(bench: Bench, tmp_path: Path) -> None:
    """Within a moment, without any file changing."""
    here = tmp_path / "plain"
    here.mkdir()
    session = bench.sessions.start("task", here).session
    with following(bench, session) as watch:
        bench.sessions.end(session.id, here)
        assert watch.has_let_go()


def test_a_folder_that_cannot_be_watched_is_said_and_the_session_goes_on(bench: Bench, tmp_path: Path) -> None:
    """It is gone, or the system has no watches left: the end of the session is still noticed."""
    here = tmp_path / "plain"
    here.mkdir()
    session = bench.sessions.start("task", here).session
    os.rmdir(here)
    watch = Following(bench.home, session)
    watch.thread.start()
    watch.until(lambda: bool(watch.shown))
    assert watch.shown[0].startswith("! files cannot be watched")
    assert watch.thread.is_alive()
    bench.sessions.end(session.id, Path("/"))
    assert watch.has_let_go()


def test_a_folder_that_vanishes_under_the_watch_is_survived(bench: Bench, repo: GitRepo) -> None:
    """A reason is shown, nothing is raised."""
    session = bench.sessions.start("task", repo.root).session
    with following(bench, session) as watch:
        repo.root.rename(repo.root.with_name("moved"))
        watch.until(lambda: any(line.startswith("!") for line in watch.shown))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_is_survived(bench: Bench, repo: GitRepo) -> None:
    """The watcher cannot say it and gives up; commits are still shown, and the end finds the files."""
    session = bench.sessions.start("task", repo.root).session
    bad = os.fsencode(repo.root) + b"/n\xe4me"
    with following(bench, session) as watch:
        watch.until(lambda: watch.shown[-1].startswith("! "), do=lambda: Path(os.fsdecode(bad)).touch())
        assert "Unable to decode path" in watch.shown[-1]
        assert watch.thread.is_alive()
