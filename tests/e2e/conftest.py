"""A user whose every command is a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.shell import Shell, make_shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty home, an empty repository."""
    return make_shell(tmp_path / "user")
