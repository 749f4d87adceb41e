"""Which importers there are."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.importers import registry
from codesession.importers.base import Places


class Foreign:
    """An importer of another package."""

    name = "foreign"
    title = "Foreign"


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_built_in_importer_can_be_loaded(name: str) -> None:
    """Its name is the one it is registered under, and it knows where its agent writes."""
    importer = registry.load(name)
    assert importer.name == name
    assert importer.title
    assert all(isinstance(home, Path) for home in importer.homes(Places(environment={}, home=Path("/nowhere"))))


def test_an_agent_is_found_by_its_aliases() -> None:
    """People type what they know."""
    assert registry.load("claude").name == "claude-code"
    assert registry.load("Codex-CLI").name == "codex"


@pytest.mark.parametrize(
    ("said", "meant"), [("Claude", "claude-code"), ("CODEX", "codex"), ("codex", "codex"), ("My Bot", "My Bot")]
)
def test_calls_name_an_agent_otherwise_than_people(said: str, meant: str) -> None:
    """A name that is none of ours is somebody's own."""
    assert registry.meant(said) == meant


def test_an_unknown_agent_is_named_with_those_there_are() -> None:
    """A typing error is answered with help."""
    with pytest.raises(InvalidInputError, match="no importer") as caught:
        registry.load("cluade")
    assert "claude-code" in str(caught.value.hint)


def test_other_packages_offer_importers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through an entry point; a name of ours stays ours."""
    points = [
        EntryPoint("foreign", f"{__name__}:Foreign", registry.GROUP),
        EntryPoint("codex", f"{__name__}:Foreign", registry.GROUP),
        EntryPoint("broken", "no.such.module:Thing", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "_entry_points", lambda: points)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Foreign if self.name == "foreign" else _fail())
    assert registry.load("foreign").name == "foreign"
    assert registry.load("codex").name == "codex"
    assert "foreign" in list(registry.names())
    with pytest.raises(InvalidInputError, match="cannot be loaded"):
        registry.load("broken")


def _fail() -> None:
    raise ImportError("no such module")
