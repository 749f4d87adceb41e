"""Fetching the newest prices from a server that publishes them as genai-prices does."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.prices.book import PriceBook
from codesession.prices.daytime import moment_ms
from codesession.prices.generator import genai, newest
from codesession.prices.update import update
from support.price_source import published, serving  # only with the package it reads

TODAY = "2099-01-01"


def test_what_is_published_is_what_the_package_says():
    """The same prices from the network and from the installed package read the same."""
    with serving(published()) as url:
        source = newest.fetch(url)
    assert genai.read(source) == genai.read(genai.installed())


def test_a_new_price_is_used_with_our_corrections_on_top(tmp_path: Path):
    """The fetched price counts where we have none of our own; gpt-6.2-sol is still ours."""
    changed = {"gpt-5": {"prices": {"input_mtok": "1", "output_mtok": "9", "cache_read_mtok": "0.1"}}}
    with serving(published(openai=changed)) as url:
        report = update(tmp_path / "prices", today=TODAY, url=url)
    assert [(change.model, change.suspicious) for change in report.changes] == [("openai/gpt-5", False)]
    book = PriceBook.load(data_dir=tmp_path / "prices")
    assert book.version == report.after
    gpt5, ours = (book.rates("openai", model, moment_ms(TODAY)) for model in ("gpt-5", "gpt-6.2-sol"))
    assert gpt5 is not None
    assert ours is not None
    assert (str(gpt5.input), str(ours.input)) == ("1", "2")


def test_a_price_that_we_do_not_know_any_more_comes_from_the_source(tmp_path: Path):
    """Ours of gpt-5.6-sol ends with a promotion; a later row of the source goes on from there."""
    changed = {
        "gpt-5.6-sol": {
            "prices": [
                {"prices": {"input_mtok": "5", "output_mtok": "30"}},
                {"constraint": {"start_date": "2026-11-22"}, "prices": {"input_mtok": "4.5", "output_mtok": "25"}},
            ]
        }
    }
    with serving(published(openai=changed)) as url:
        update(tmp_path / "prices", today=TODAY, url=url)
    book = PriceBook.load(data_dir=tmp_path / "prices")
    day = [book.rates("openai", "gpt-5.6-sol", moment_ms(day)) for day in ("2026-11-21", "2026-11-22")]
    assert [rates and str(rates.input) for rates in day] == ["4", "4.5"]


def test_the_version_names_what_was_fetched(tmp_path: Path):
    """The same content has the same name on every machine, other content another one."""
    names = []
    for prices in ({}, {}, {"gpt-5": {"prices": {"input_mtok": "1", "output_mtok": "9"}}}):
        with serving(published(openai=prices)) as url:
            names.append(newest.fetch(url).name)
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("genai-prices-newest-")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"not found", 404), (b"<html>", 200), (b"{}", 200), (b'[{"id": "openai"}]', 200), (b"[1]", 200), (b"", 200)],
)
def test_an_answer_that_is_no_price_file_is_named(body: bytes, status: int):
    """Never half a table, never a stack of somebody else's exceptions."""
    with serving(body, status) as url, pytest.raises(UnavailableError) as caught:
        newest.fetch(url)
    assert url in caught.value.message
    assert caught.value.hint


def test_without_a_network_it_says_so_and_changes_nothing(tmp_path: Path):
    """A port where nobody listens answers at once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(UnavailableError, match="cannot fetch"):
            update(tmp_path / "prices", today=TODAY, url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch):
    """After a bounded silence."""
    monkeypatch.setattr(newest, "SILENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnavailableError, match="cannot fetch"):
        newest.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_only_web_addresses_are_fetched():
    """A path is a mistake, not a file to read."""
    with pytest.raises(InvalidInputError, match="no web address"):
        newest.fetch("prices.json")
