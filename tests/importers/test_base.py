"""What importers read from."""

from __future__ import annotations

from pathlib import Path

from codesession.importers.base import LogFile, Places


def test_places_follow_the_environment() -> None:
    """Variables, lists of folders, `~`, and where other systems keep data."""
    home = Path("/home/me")
    places = Places(environment={"ONE": "~/x", "MANY": "/a, ,~/b", "EMPTY": " ", "HOME_ITSELF": "~"}, home=home)
    assert places.variable("ONE") == home / "x"
    assert places.variable("HOME_ITSELF") == home
    assert places.variable("EMPTY") is None
    assert places.variables("MANY") == [Path("/a"), home / "b"]
    assert places.xdg_data() == home / ".local" / "share"
    assert places.xdg_config() == home / ".config"
    moved = Places(environment={"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/config"}, home=home)
    assert (moved.xdg_data(), moved.xdg_config()) == (Path("/data"), Path("/config"))


def test_a_conversation_keeps_its_first_place_and_its_newest_title() -> None:
    """What later lines leave out stays known."""
    log = LogFile(path=Path("a"), root=Path("."))
    log.conversation("c", directory="/first", git_branch="main", title="Old")
    log.conversation("c", directory="/second", title="New")
    log.conversation("c")
    (found,) = log.conversations.values()
    assert (found.directory, found.git_branch, found.title) == ("/first", "main", "New")
