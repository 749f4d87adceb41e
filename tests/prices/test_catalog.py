"""Which price file answers for whom, and when it is read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from codesession.errors import PriceFileError
from codesession.prices.book import PriceBook
from codesession.prices.catalog import PACKAGED, Catalog
from codesession.prices.daytime import moment_ms


@pytest.mark.parametrize(
    ("provider", "model", "file", "doubtful"),
    [
        ("openai", "gpt-5", "openai", False),
        ("azure", "gpt-5", "openai", True),
        ("azure", "phi-4", "azure", True),
        ("vertex", "gemini-2.5-pro", "google", False),
        ("vertex", "claude-opus-4-6", "anthropic", False),
        ("google", "claude-opus-4-6", "anthropic", False),
        ("bedrock", "global.amazon.nova-2-lite-v1:0", "bedrock", False),
        ("openrouter", "openai/gpt-6.2-sol", "openai", True),
        ("litellm", "claude-opus-4-6", "anthropic", True),
        ("github_copilot", "claude-opus-5", "github_copilot", False),
        ("copilot", "claude-opus-4.6", "anthropic", True),
        (None, "openai/gpt-5", "openai", False),
        (None, "gpt-5", "openai", True),
        (None, "groq/openai/gpt-oss-120b", "groq", False),
        (None, "llama-3.1-8b-instant", "groq", True),
    ],
)
def test_who_bills_decides_the_table(provider, model, file, doubtful):
    """The biller's own price; a maker's list price where the biller publishes none, and then with a doubt."""
    match = Catalog().find(provider, model)
    assert match is not None
    assert (match.table.provider, match.doubt is not None) == (file, doubtful)


@pytest.mark.parametrize("model", ["ollama/deepseek-r1", "vllm/deepseek/deepseek-v3.2", "lm_studio/glm-4.6"])
def test_a_server_of_ones_own_in_the_models_name_has_no_list_price(model):
    """As little as one that is named beside it; a gateway nobody knows leaves the maker's price."""
    assert Catalog().find(None, model) is None
    assert Catalog().find(None, model.replace("/", "/x/").replace(model.split("/")[0], "my-gateway")) is not None


def test_only_the_files_that_are_asked_for_are_read():
    """A hook that prices one Claude call does not read OpenRouter's thousand models."""
    catalog = Catalog()
    catalog.find("anthropic", "claude-opus-4-6")
    assert set(catalog._files) == {"anthropic"}


def _copy(folder: Path, **index: str) -> Path:
    shutil.copytree(PACKAGED, folder)
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | index))
    return folder


def test_newer_data_of_the_user_is_preferred(tmp_path: Path):
    """What `update` wrote is used."""
    folder = _copy(tmp_path / "prices", date="2099-01-01", version="2099-01-01+x")
    assert PriceBook.load(data_dir=folder).version == "2099-01-01+x"


@pytest.mark.parametrize(
    "index", [{"date": "2020-01-01"}, {"date": "2099-01-01", "reviewed": "2020-01-01"}], ids=["old", "old corrections"]
)
def test_older_data_of_the_user_is_not_used(tmp_path: Path, index):
    """A new release brings newer corrections than last year's update."""
    folder = _copy(tmp_path / "prices", **index)
    assert PriceBook.load(data_dir=folder).version == PriceBook.load().version


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("openai", "{"),
        ("openai", "{}"),
        ("openai", "[]"),
        ("openai", '{"ids": {"gpt-5": "gpt-5"}, "models": {}}'),
        ("openai", '{"ids": {"gpt-5": "gpt-5"}, "models": {"gpt-5": 5}}'),
        ("openai", '{"ids": {"gpt-5": "gpt-5"}, "models": {"gpt-5": {"source": "", "prices": []}}}'),
        ("openai", '{"ids": {"gpt-5": "gpt-5"}, "models": {"gpt-5": {"source": "", "prices": [{"input": "x"}]}}}'),
        ("index", "{}"),
        ("index", '{"version": "1", "date": 5, "reviewed": "2099-01-01", "providers": ["openai"]}'),
    ],
)
def test_a_damaged_folder_is_named(tmp_path: Path, name: str, content: str):
    """With what to do about it: whoever records a call keeps it without a price then, and loses none."""
    folder = _copy(tmp_path / "prices", date="2099-01-01")
    (folder / f"{name}.json").write_text(content)
    with pytest.raises(PriceFileError, match=rf"{name}\.json") as error:
        PriceBook.load(data_dir=folder).rates("openai", "gpt-5", 0)
    assert error.value.hint == f"remove {folder} to use the prices that came with this version"


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path):
    """Most users never update by hand."""
    book = PriceBook.load(data_dir=tmp_path / "none")
    assert book.rates("openai", "gpt-5", moment_ms("2026-01-01")) is not None
