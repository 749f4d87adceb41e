"""The user's own prices in `pricing.json`."""

from __future__ import annotations

import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.errors import InvalidInputError, PriceFileError
from codesession.prices.book import PriceBook
from codesession.prices.overrides import Overrides, reset_prices, set_price


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pricing.json"


def rates_of(path: Path, provider: str | None, model: str):
    rates = PriceBook.load(overrides_path=path).rates(provider, model, 0)
    return None if rates is None else (rates.input, rates.output, rates.source)


def test_a_file_of_another_tool_is_read(path: Path):
    """Numbers as they come, whole or not; fields we do not know are left alone."""
    path.write_text(
        json.dumps({"gpt-4o": {"input": 7, "output": 9.5, "color": "red"}, "acme/fast": {"input": 1, "output": 2}})
    )
    assert rates_of(path, "openai", "gpt-4o") == (7, Decimal("9.5"), "custom")
    assert rates_of(path, "acme", "fast") == (1, 2, "custom")


def test_a_number_keeps_its_digits(path: Path):
    """No float on the way from the file to the bill."""
    path.write_text('{"m": {"input": 0.1000000000000000055, "output": 0.3}}')
    assert rates_of(path, "acme", "m") == (Decimal("0.1000000000000000055"), Decimal("0.3"), "custom")


def test_the_providers_entry_beats_the_plain_one(path: Path):
    """And touches no other provider."""
    path.write_text(json.dumps({"gpt-4o": {"input": 1, "output": 1}, "acme/gpt-4o": {"input": 2, "output": 2}}))
    assert rates_of(path, "acme", "gpt-4o") == (2, 2, "custom")
    assert rates_of(path, "openai", "gpt-4o") == (1, 1, "custom")


def test_another_providers_entry_is_not_ours(path: Path):
    """A discount at one reseller says nothing about the maker's price."""
    path.write_text(json.dumps({"acme/gpt-4o": {"input": 2, "output": 2}}))
    assert rates_of(path, "openai", "gpt-4o") == (Decimal("2.5"), 10, "built-in")


def test_an_entry_is_met_by_either_spelling_of_its_provider(path: Path):
    """`x-ai/grok-4` is a provider and a model to us, and a model id to OpenRouter."""
    path.write_text(json.dumps({"x-ai/grok-4": {"input": 1, "output": 2}}))
    assert rates_of(path, "xai", "grok-4") == rates_of(path, "openrouter", "x-ai/grok-4") == (1, 2, "custom")
    assert list(Overrides(path).entries()) == ["x-ai/grok-4"]


def test_the_name_that_calls_are_recorded_under_meets_every_spelling(path: Path):
    """An agent's call goes to the ledger as `lmstudio` or `zai`, whatever the user's file says."""
    path.write_text(json.dumps({f"{name}/m": {"input": 1, "output": 2} for name in ("lm-studio", "zhipuai")}))
    assert [Overrides(path).find(name, "m") is not None for name in ("lmstudio", "zai", "zai_other")] == [
        *(True, True),
        False,
    ]


def test_a_dated_id_meets_the_entry_of_its_model(path: Path):
    """Logs name `claude-sonnet-4-5-20250929`, people write `claude-sonnet-4-5`."""
    path.write_text(json.dumps({"claude-sonnet-4.5": {"input": 1, "output": 2}}))
    assert rates_of(path, "anthropic", "claude-sonnet-4-5-20250929") == (1, 2, "custom")


def test_cache_rates_and_bands_can_be_given(path: Path):
    """By the names of the file."""
    band = {"above": 1000, "input": 2, "output": 4}
    row = {"input": 1, "output": 2, "cacheRead": 0.1, "cacheWrite": 1.25, "cacheWrite1h": 2, "bands": [band]}
    path.write_text(json.dumps({"m": row}))
    table = Overrides(path).find(None, "m")
    assert table is not None
    card = table.periods[0].card
    assert (card.rates.cache_read, card.rates.cache_write, card.rates.cache_write_1h) == (
        Decimal("0.1"),
        Decimal("1.25"),
        2,
    )
    assert card.for_prompt(1001)[0].output == 4


def test_a_change_is_seen_without_a_restart(path: Path):
    """A proxy runs for days; `cs pricing set` is another process."""
    book = PriceBook.load(overrides_path=path)
    assert book.rates("acme", "m", 0) is None
    set_price(path, "m", {"input": "1", "output": "2"})
    assert book.rates("acme", "m", 0) is not None
    reset_prices(path)
    assert book.rates("acme", "m", 0) is None


def test_calls_priced_before_a_change_do_not_hold_the_next_ones(path: Path):
    """What a book remembers of a model is forgotten when the user's file changes, or goes."""
    book = PriceBook.load(overrides_path=path)
    call = ModelResponse(
        provider_name="openai", api="a", response_model="gpt-4o", parts=(UsagePart(usage=TokenUsage(input_tokens=10)),)
    )
    listed = book.price(call, 0).usd
    set_price(path, "gpt-4o", {"input": "7", "output": "9"})
    held = book.for_many()
    assert book.price(call, 0).usd == held.price(call, 0).usd == Decimal("0.00007")
    set_price(path, "gpt-4o", {"input": "1000", "output": "9"})
    assert book.price(call, 0).usd == Decimal("0.01")
    assert held.price(call, 0).usd == Decimal("0.00007")
    path.unlink()
    assert book.price(call, 0).usd == listed


def test_a_price_that_is_set_is_used_and_the_others_stay(path: Path):
    """The key is `provider/model` where a provider is named."""
    path.write_text(json.dumps({"old": {"input": 1, "output": 2.50, "note": "mine"}}))
    assert set_price(path, "gpt-4o", {"input": "0.10", "output": "9"}, provider="acme") == "acme/gpt-4o"
    assert json.loads(path.read_text(), parse_float=Decimal) == {
        "old": {"input": 1, "output": Decimal("2.5"), "note": "mine"},
        "acme/gpt-4o": {"input": Decimal("0.1"), "output": 9},
    }


def test_a_key_in_another_spelling_is_the_same_price(path: Path):
    """The price set last holds, and can be taken back under any name."""
    for provider, price in (("xai", "1"), ("x-ai", "2"), ("xai", "3")):
        set_price(path, "grok-4.7", {"input": price, "output": "9"}, provider=provider)
    table = Overrides(path).find("xai", "grok-4.7")
    assert table is not None
    assert table.periods[0].card.rates.input == 3
    assert reset_prices(path, "Grok-4-7", provider="x-ai") == ["xai/grok-4.7"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_can_read_the_file(path: Path):
    """What somebody pays is nobody else's business."""
    set_price(path, "m", {"input": "1", "output": "2"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_but_the_file_is_left_behind(path: Path):
    """It is replaced in one step."""
    for price in ("1", "2"):
        set_price(path, "m", {"input": price, "output": price})
    assert [each.name for each in path.parent.iterdir()] == ["pricing.json"]


def test_a_link_stays_a_link(path: Path, tmp_path: Path):
    """People keep their settings in a repository and link to them."""
    path.symlink_to(tmp_path / "dotfiles.json")
    set_price(path, "m", {"input": "1", "output": "2"})
    assert path.is_symlink()
    assert "m" in (tmp_path / "dotfiles.json").read_text()


@pytest.mark.parametrize("bad", ["abc", "-1", "nan", "inf", "", "1e99"])
def test_a_bad_number_is_refused_and_nothing_is_written(path: Path, bad: str):
    """Negative, not a number, not finite, or absurd."""
    with pytest.raises(InvalidInputError):
        set_price(path, "m", {"input": bad, "output": "1"})
    assert not path.exists()


@pytest.mark.parametrize(
    ("model", "rates"),
    [("", {"input": "1", "output": "1"}), ("m", {"input": "1"}), ("m", {"input": "1", "output": "1", "typo": "1"})],
)
def test_an_incomplete_price_is_refused(path: Path, model, rates):
    """A name, input and output are needed, and no unknown rate."""
    with pytest.raises(InvalidInputError):
        set_price(path, model, rates)


def test_reset_removes_one_price_or_all(path: Path):
    """And says which."""
    for name in ("a", "b", "c"):
        set_price(path, name, {"input": "1", "output": "1"})
    assert reset_prices(path, "b") == ["b"]
    assert reset_prices(path) == ["a", "c"]
    assert reset_prices(path) == []


@pytest.mark.parametrize(
    "content",
    [
        "{not json",
        "[1]",
        '{"m": 3}',
        '{"m": {"input": 1}}',
        '{"m": {"input": "x", "output": 1}}',
        '{"m": {"input": -1, "output": 1}}',
        '{"m": {"input": true, "output": 1}}',
        '{"m": {"input": NaN, "output": 1}}',
        '{"m": {"input": 1, "output": 1, "bands": [{"input": 1, "output": 1}]}}',
    ],
)
def test_a_broken_file_is_named_and_kept(path: Path, content: str):
    """Guessing would price calls wrongly for months."""
    path.write_text(content)
    with pytest.raises(PriceFileError, match=r"pricing\.json"):
        PriceBook.load(overrides_path=path).rates("openai", "gpt-5", 0)
    assert path.read_text() == content


def test_setting_a_price_never_overwrites_a_broken_file(path: Path):
    """Somebody's prices are in there, one comma away from being readable."""
    path.write_text("{not json")
    with pytest.raises(PriceFileError):
        set_price(path, "m", {"input": "1", "output": "1"})
    assert path.read_text() == "{not json"
