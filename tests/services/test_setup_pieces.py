"""Pieces of settings: in, out, and everything else as it was."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.services.setup.pieces import JsonEntry, JsonHooks, KeptError, MarkedBlock, WholeFile, is_our_endpoint

PATH = Path("settings.json")
OURS, OTHER = "/opt/bin/cs hook claude-code", "/usr/bin/say done"
HOOKS = JsonHooks(path=PATH, what="hooks", commands={"Stop": OURS, "Start": OURS}, timeout={OURS: 10})
ENTRY = JsonEntry(path=PATH, what="server", keys=("mcp", "servers", "codesession"), value={"command": "cs"})
BLOCK = MarkedBlock(
    path=PATH, what="x", name="mcp", lines=("[a.b]", "c = 1"), conflict=r"^\[a\.b\]", check=tomllib.loads
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "mcp", "hooks"]).filter(lambda key: key in "ab"), VALUES)


def group(*commands: str) -> dict[str, Any]:
    """A group of hooks."""
    return {"hooks": [{"type": "command", "command": command} for command in commands]}


@given(OBJECTS, st.sampled_from([None, 2, 4, "\t"]))
def test_in_and_out_again_means_the_same(settings: dict[str, Any], indent: int | str | None) -> None:
    """Whatever else is in the file, in its own order and indentation."""
    text = json.dumps(settings, indent=indent)
    for piece in (ENTRY, HOOKS):
        inside = piece.put_in(text)
        assert piece.put_in(inside) == inside
        outside = piece.take_out(inside)
        assert json.loads(outside or "{}") == settings
        assert list(json.loads(outside or "{}")) == list(settings)


def test_hooks_of_others_stay_where_they_are() -> None:
    """In groups of their own and in those they share with ours; an older place of ours is replaced."""
    settings = {
        "hooks": {"Stop": [group(OTHER), group(OTHER, '"C:\\x\\cs.exe" hook claude-code')], "Else": [group(OTHER)]}
    }
    inside = json.loads(HOOKS.put_in(json.dumps(settings)))
    assert inside["hooks"]["Stop"][:2] == [group(OTHER), group(OTHER)]
    assert [hook["command"] for hook in inside["hooks"]["Stop"][2]["hooks"]] == [OURS]
    outside = json.loads(HOOKS.take_out(json.dumps(inside)) or "")
    assert outside == {"hooks": {"Stop": [group(OTHER), group(OTHER)], "Else": [group(OTHER)]}}


@pytest.mark.parametrize("command", ["cs hook other && rm x", "mycs hook claude-code", "echo cs auto-log now"])
def test_a_command_that_only_looks_like_ours_is_kept(command: str) -> None:
    """It is the user's."""
    text = json.dumps({"hooks": {"Stop": [group(command)]}})
    assert HOOKS.take_out(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "3",
        "// c\n{}",
        '{"env": {"A": "1", "A": "2"}}',
        "[" * 100_000,
        '{"mcp": []}',
        '{"mcp": {"servers": 1}}',
    ],
)
def test_json_that_is_not_understood_is_kept(text: str) -> None:
    """With what to put in by hand where that helps."""
    with pytest.raises(KeptError, match="left as it is"):
        ENTRY.put_in(text)


@pytest.mark.parametrize("text", ['{\r\n  "a": 1\r\n}\r\n', '{\n  "a": "\\ud83d"\n}'])
def test_ends_of_lines_and_halves_of_characters_stay_as_they_are(text: str) -> None:
    """As people's settings on Windows end their lines."""
    for piece in (ENTRY, HOOKS):
        assert ("\r\n" in piece.put_in(text)) == ("\r\n" in text)
        assert piece.take_out(piece.put_in(text)) == text


@pytest.mark.parametrize("text", ['{"hooks": []}', '{"hooks": {"Stop": {}}}'])
def test_hooks_in_another_form_are_kept(text: str) -> None:
    """Guessing would lose them."""
    with pytest.raises(KeptError, match="left as it is"):
        HOOKS.put_in(text)


def test_a_value_of_the_user_is_kept() -> None:
    """An endpoint that leads elsewhere."""
    endpoint = JsonEntry(path=PATH, what="x", keys=("url",), value="http://127.0.0.1:1/p/a", is_ours=is_our_endpoint)
    with pytest.raises(KeptError, match="your own url was kept"):
        endpoint.put_in('{"url": "https://gateway.example"}')
    assert endpoint.take_out('{"url": "https://gateway.example"}') == '{"url": "https://gateway.example"}'
    assert json.loads(endpoint.put_in('{"url": "http://127.0.0.1:3739"}'))["url"] == "http://127.0.0.1:1/p/a"


@pytest.mark.parametrize(
    "text", ["", "# mine\nx = 1\n", 'x = "no newline at the end"', "[t]\ny = 2\n", "x = 1\r\ny = 2"]
)
def test_a_block_goes_in_once_and_out_without_a_trace(text: str) -> None:
    """The rest of the file is the same to the byte, but for a last line that was not ended."""
    inside = BLOCK.put_in(text)
    assert tomllib.loads(inside)["a"] == {"b": {"c": 1}}
    assert BLOCK.put_in(inside) == inside
    assert (BLOCK.take_out(inside) or "").rstrip("\r\n") == text.rstrip("\n")
    assert inside.count("\r\n") == (inside.count("\n") if "\r\n" in text else 0)


def test_a_block_that_changed_is_replaced() -> None:
    """Another path of the program, for one."""
    older = MarkedBlock(path=PATH, what="x", name="mcp", lines=("[a.b]", "c = 9"), conflict=r"^\[a\.b\]")
    assert BLOCK.put_in(older.put_in("x = 1\n")) == BLOCK.put_in("x = 1\n")


def test_a_file_that_the_block_would_break_is_kept() -> None:
    """Or that says the same itself."""
    with pytest.raises(KeptError, match="your own"):
        BLOCK.put_in("[a.b]\nc = 2\n")
    with pytest.raises(KeptError, match="put in by hand"):
        BLOCK.put_in("a = 3\n")
    with pytest.raises(KeptError, match="put in by hand"):
        BLOCK.put_in("not toml at all")


def test_a_whole_file_is_ours() -> None:
    """In as it is, out for good."""
    skill = WholeFile(path=PATH, what="skill", text="new")
    assert skill.put_in(None) == skill.put_in("old") == "new"
    assert skill.take_out("new") is None
