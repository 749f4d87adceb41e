"""A reader of the manual, with an empty home, a repository and a provider on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.manual import ROOT, Reader
from support.shell import make_shell


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The stand-in that the examples use."""
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    from local_provider import Provider

    provider = Provider().start()
    yield provider.url
    provider.shutdown()
    provider.server_close()
    sys.modules.pop("local_provider", None)


@pytest.fixture
def reader(tmp_path: Path, endpoint: str) -> Reader:
    """Somebody who has just installed `cs`."""
    return Reader(make_shell(tmp_path / "ada"), endpoint)
