"""The packaged price files: complete, sourced, plausible and current."""

from __future__ import annotations

import runpy
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from codesession.prices.catalog import PACKAGED
from codesession.prices.daytime import moment_ms
from codesession.prices.generator import corrections, files
from codesession.prices.tables import RATE_NAMES

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "scripts" / "generate_prices.py"
DATA = files.read_folder(PACKAGED)
MODELS = {
    f"{provider}/{name}": model
    for provider, content in DATA.items()
    if provider != "index"
    for name, model in content["models"].items()
}
DOCUMENTED = (
    *("anthropic", "openai", "google", "mistral", "deepseek", "openrouter", "xai", "groq", "moonshot", "zai"),
    *("alibaba", "bedrock", "azure"),
)


def test_every_documented_provider_has_prices():
    """As the manual promises."""
    assert {provider for provider in DOCUMENTED if DATA[provider]["models"]} == set(DOCUMENTED)


def test_every_price_names_its_source():
    """A figure nobody can check is a rumour."""
    assert [name for name, model in MODELS.items() if not model["source"].startswith("https://")] == []


def test_every_correction_names_its_source():
    """Rates, fees and surcharges alike."""
    for provider in corrections.names():
        found = corrections.load(provider)
        policy = found.get("policy", {})
        entries = [
            *found.get("models", {}).values(),
            *found.get("rates", ()),
            *policy.get("uplifts", ()),
            *policy.get("fees", ()),
        ]
        assert [entry for entry in entries if not entry["source"].startswith("https://")] == [], provider


def test_no_rate_moves_more_than_tenfold_from_one_period_to_the_next():
    """A misplaced point is the likelier explanation."""
    moved = [
        name
        for name, model in MODELS.items()
        for rows in (model["prices"], *model.get("tiers", {}).values())
        for was, now in pairwise(rows)
        if any(shift > corrections.LARGEST_SHIFT for shift in corrections.shifts(was, now))
    ]
    assert moved == []


def test_periods_follow_each_other_without_gap_or_overlap():
    """Each ends where the next begins; only the last may be open."""
    for name, model in MODELS.items():
        for rows in (model["prices"], *model.get("tiers", {}).values()):
            for was, now in pairwise(rows):
                assert moment_ms(was["until"]) == moment_ms(now["from"]), name


def test_rates_are_numbers_and_bands_are_dearer():
    """Nothing negative; a longer prompt is never cheaper per token."""
    for name, model in MODELS.items():
        for row in model["prices"]:
            levels = [row, *sorted(row.get("bands", ()), key=lambda band: band["above"])]
            for rate in RATE_NAMES:
                values = [Decimal(level[rate]) for level in levels if rate in level]
                assert values == sorted(values), (name, rate)
                assert all(value >= 0 for value in values), (name, rate)


def test_a_free_model_says_so_in_its_name():
    """Zero where nothing is published would be a lie."""
    free = [name for name, model in MODELS.items() if Decimal(model["prices"][-1]["input"]) == 0]
    assert [name for name in free if ":free" not in name] == []


def test_every_id_leads_to_a_model():
    """And every model can be found by its own name."""
    for provider, content in DATA.items():
        if provider != "index":
            assert set(content["ids"].values()) == set(content["models"]), provider


def test_a_provider_that_is_gone_is_a_difference(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Its file is still there, and the generator does not make it any more."""
    monkeypatch.setattr(files, "compose", lambda date: {k: v for k, v in DATA.items() if k != "groq"})
    monkeypatch.setattr(sys, "argv", [str(GENERATOR), "--check"])
    with pytest.raises(SystemExit, match="1"):
        runpy.run_path(str(GENERATOR), run_name="__main__")
    assert "prices differ" in capsys.readouterr().err


def test_the_committed_files_are_what_the_generator_makes():
    """Nobody edits them by hand; the check that CI runs says so."""
    pytest.importorskip("genai_prices")
    done = subprocess.run(
        [sys.executable, str(GENERATOR), "--check"],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "prices are current")
