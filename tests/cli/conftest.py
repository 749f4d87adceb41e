"""Commands in this process, where a test can see what they print; and real ones, where that matters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codesession.cli.main import main
from support.shell import Answer, Shell, clean_environment, make_shell

Cs = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, an environment that says nothing else, and a directory outside git to stand in."""
    import os

    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    kept = clean_environment(home)
    for name in set(os.environ) - set(kept):
        monkeypatch.delenv(name)
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(here)
    return home


@pytest.fixture
def cs(home: Path, capsys: pytest.CaptureFixture[str]) -> Cs:
    """Run one command in this process."""

    def run(*arguments: str) -> Answer:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A user whose every command is a process of its own."""
    return make_shell(tmp_path / "user")
