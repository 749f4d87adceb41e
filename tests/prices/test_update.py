"""Newer prices on the user's machine, and how old the present ones are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.prices import update as updating
from codesession.prices.book import PriceBook
from codesession.prices.generator import files, genai
from codesession.prices.update import freshness, update

genai_prices = pytest.importorskip("genai_prices")


def installed_as(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Another release of genai-prices with the same prices."""
    source = genai.installed()._replace(name=name)
    monkeypatch.setattr(genai, "installed", lambda: source)


def test_the_same_data_keeps_its_date(tmp_path: Path):
    """Asking again makes prices no younger: nothing is written."""
    folder = tmp_path / "prices"
    report = update(folder, today="2099-01-01")
    assert (report.changes, report.written, report.after) == ((), False, report.before)
    assert not folder.exists()


def test_another_release_is_used_by_the_next_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is as old as its newest price at most, and not of the day somebody asked."""
    installed_as(monkeypatch, "genai-prices-99")
    folder = tmp_path / "prices"
    report = update(folder, today="2099-01-01")
    assert report.written
    assert report.after.endswith("+genai-prices-99")
    assert report.before[:10] <= report.after[:10] < "2099-01-01"
    assert PriceBook.load(data_dir=folder).version == report.after
    assert not update(folder, today="2099-01-02").written


def test_a_source_without_its_own_day_is_of_its_newest_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A price that begins in the future says nothing."""
    read = genai.read

    def with_new_prices(source: genai.Source):
        found = read(source)
        model = found["mistral"]["mistral-small-latest"]
        (row,) = model["prices"][-1:]
        model["prices"] += [row | {"from": "2098-03-01"}, row | {"from": "2099-06-01"}]
        genai.close(model["prices"][-2:])
        return found

    monkeypatch.setattr(genai, "read", with_new_prices)
    installed_as(monkeypatch, "genai-prices-99")
    assert update(tmp_path / "prices", today="2099-01-01", dry_run=True).after == "2098-03-01+genai-prices-99"


def test_a_dry_run_writes_nothing(tmp_path: Path):
    """It only tells what would change."""
    assert not update(tmp_path / "prices", today="2099-01-01", dry_run=True).written
    assert list(tmp_path.iterdir()) == []


def test_a_suspicious_shift_is_refused_until_it_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Somebody has to look at a price that moved more than tenfold."""
    compose = files.compose

    def misprinted(*given: Any):
        fresh = compose(*given)
        fresh["openai"]["models"]["gpt-5"]["prices"][0]["input"] = "125"
        return fresh

    monkeypatch.setattr(files, "compose", misprinted)
    folder = tmp_path / "prices"
    with pytest.raises(InvalidInputError, match="openai/gpt-5"):
        update(folder, today="2099-01-01")
    assert not folder.exists()
    assert update(folder, today="2099-01-01", accept=True).written


def test_without_genai_prices_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The package is optional."""
    monkeypatch.setitem(sys.modules, "genai_prices.data", None)
    with pytest.raises(UnavailableError, match="genai-prices"):
        update(tmp_path / "prices", today="2099-01-01")


def test_a_source_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A model that a correction builds on is gone there: better the old prices than half a table."""
    read = genai.read

    def without_a_model(source: genai.Source):
        found = read(source)
        del found["anthropic"]["claude-fable-5"]
        return found

    monkeypatch.setattr(genai, "read", without_a_model)
    with pytest.raises(UnavailableError, match="claude-fable-5"):
        update(tmp_path / "prices", today="2099-01-01")


def test_the_age_of_prices_is_told():
    """Stale after some weeks: models come out faster than that."""
    version = "2026-11-22+genai-prices-0.2.3"
    assert freshness(version, "2026-11-30").age_days == 8
    assert not freshness(version, "2026-11-30").stale
    assert freshness(version, "2027-03-01").stale
    assert updating.STALE_DAYS > 0
