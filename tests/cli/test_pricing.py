"""`cs pricing`: look at prices, set your own, drop them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.price_source import published, serving
from support.shell import Answer

Cs = Callable[..., Answer]


def test_people_read_a_table_and_programs_the_same_figures(cs: Cs) -> None:
    """Dollars per million tokens."""
    shown = cs("pricing", "list", "claude-sonnet-4-5")
    assert shown.code == 0
    assert "3.00" in shown.out
    assert "15.00" in shown.out
    assert "per million tokens" in shown.out
    model = cs("pricing", "list", "claude-sonnet-4-5", "--json").json["models"]["claude-sonnet-4-5"]
    assert (model["input"], model["output"], model["cacheRead"]) == (3, 15, 0.3)


def test_an_own_price_is_marked_used_and_dropped_again(cs: Cs) -> None:
    """It holds for the next call at once."""
    assert "my-model" in cs("pricing", "set", "my-model", "5", "15").out
    listed = cs("pricing", "list", "my-model").out
    assert "my-model *" in listed
    assert "your own" in listed
    cs("start", "task", "--json")
    logged = cs(
        "log-ai", "-p", "acme", "-m", "my-model", "--prompt-tokens", "1000000", "--completion-tokens", "0", "--json"
    )
    assert logged.json["logged"]["cost"] == 5
    assert "my-model" in cs("pricing", "reset", "my-model").out
    assert "No such model" in cs("pricing", "list", "my-model").out


def test_a_price_without_cache_rates_says_what_a_cache_will_cost(cs: Cs) -> None:
    """Where the built-in price has them: reads at the price of input are twenty times too dear."""
    done = cs("pricing", "set", "claude-opus-5-5", "4", "20")
    assert "warning: cache reads will cost 4.00, where the built-in price says 0.20; give --cache-read\n" in done.err
    assert "cache writes will cost 4.00, where the built-in price says 5.00; give --cache-write\n" in done.err
    assert "one hour will cost 4.00, where the built-in price says 8.00; give --cache-write-1h\n" in done.err
    answer = cs("pricing", "set", "claude-opus-5-5", "4", "20", "--cache-write", "5", "--json")
    assert [said.partition(",")[0] for said in answer.json["warnings"]] == [
        "cache reads will cost 4.00",
        "cache writes for one hour will cost 5.00",
    ]


def test_a_price_that_says_all_or_of_a_model_nobody_knows_warns_of_nothing(cs: Cs) -> None:
    """The names of the user's own models mean nothing to us."""
    rates = ("--cache-read", "0.2", "--cache-write", "5", "--cache-write-1h", "8")
    for arguments in (("claude-opus-5-5", "4", "20", *rates), ("my-model", "4", "20")):
        done = cs("pricing", "set", *arguments)
        assert (done.err, "warnings" in cs("pricing", "set", *arguments, "--json").json) == ("", False)


def test_nothing_to_drop_is_no_error(cs: Cs) -> None:
    """Scripts reset before they set."""
    done = cs("pricing", "reset")
    assert (done.code, done.out) == (0, "There was no price of your own.\n")


@pytest.mark.parametrize("price", ["abc", "-1", "nan", "inf", ""])
def test_a_price_that_is_none_is_refused_and_nothing_written(cs: Cs, home: Path, price: str) -> None:
    """The file is not even made."""
    assert cs("pricing", "set", "--json", "my-model", "--", price, "1").error["code"] == "invalid_input"
    assert not (home / ".codesession" / "pricing.json").exists()


def test_a_negative_price_is_named_as_the_amount_it_is_not(cs: Cs) -> None:
    """Not as an option that does not exist."""
    assert "'-1' is no amount in dollars" in cs("pricing", "set", "m", "-1", "2").err


@pytest.mark.parametrize("content", [b"{not json", b"[]", b"\xff\xfe", b""])
def test_a_broken_file_is_named_and_kept_by_every_command_that_needs_it(cs: Cs, home: Path, content: bytes) -> None:
    """Listing, setting, logging: all say which file, none mends it by forgetting what it held."""
    file = home / ".codesession" / "pricing.json"
    cs("start", "task", "--json")
    file.write_bytes(content)
    for command in (
        ["pricing", "list"],
        ["pricing", "set", "m", "1", "1"],
        ["pricing", "reset"],
        ["log-ai", "-p", "openai", "-m", "gpt-4o", "-t", "1"],
    ):
        done = cs(*command)
        assert done.code == 1, command
        assert "pricing.json" in done.err, command
        assert file.read_bytes() == content
    assert cs("status", "--json").code == 0


def test_one_broken_price_is_named_too(cs: Cs, home: Path) -> None:
    """By its key, and setting it again mends it."""
    file = home / ".codesession" / "pricing.json"
    file.parent.mkdir()
    file.write_text('{"my-model": {"input": "x", "output": 1}, "other": {"input": 1, "output": 2}}')
    done = cs("pricing", "list")
    assert done.code == 1
    assert "my-model" in done.err
    cs("pricing", "set", "my-model", "3", "4")
    models = cs("pricing", "list", "--json").json["models"]
    assert (models["my-model"]["input"], models["other"]["output"]) == (3, 2)


@pytest.mark.parametrize("command", [("set", "mine", "1", "2"), ("update", "--url", "URL")])
def test_prices_that_cannot_be_kept_are_an_error_that_names_their_file(
    cs: Cs, home: Path, command: tuple[str, ...]
) -> None:
    """For people in words, for programs as an envelope; no unfinished file is named."""
    (home / ".codesession").symlink_to(home / "nowhere" / "deep")
    (home / "nowhere").touch()
    with serving(published(openai={"gpt-5": {"prices": {"input_mtok": "1", "output_mtok": "9"}}})) as url:
        arguments = [url if word == "URL" else word for word in command]
        error = cs("pricing", *arguments, "--json").error
        words = cs("pricing", *arguments).err
    wanted = home / ".codesession" / ("pricing.json" if command[0] == "set" else "prices")
    assert error["code"] == "unavailable"
    assert error["message"].startswith(f"cannot write {wanted}: ")
    assert words.startswith(f"error: cannot write {wanted}: ")
