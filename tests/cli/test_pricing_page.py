"""The manual's page about prices: its commands print what it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from codesession.prices.overrides import Overrides
from support.shell import Shell

PAGE = (Path(__file__).parents[2] / "docs" / "how-a-call-is-priced.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
SHOWN = [block.removeprefix("$ ").partition("\n")[::2] for kind, block in BLOCKS if kind == "console"]
RECORD, OVERRIDES = (block for kind, block in BLOCKS if kind == "json")


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_the_example_prints_what_the_page_shows(shell: Shell, command: str, output: str) -> None:
    """Word for word."""
    (shell.cwd / "call.json").write_text(RECORD)
    answer = shell.cs(*command.removeprefix("cs ").split())
    assert (answer.code, answer.out) == (0, output)


def test_the_example_of_own_prices_is_a_file_that_is_read(tmp_path: Path) -> None:
    """Every field and band."""
    file = tmp_path / "pricing.json"
    file.write_text(OVERRIDES)
    entries = Overrides(file).entries()
    assert set(entries) == set(json.loads(OVERRIDES))
    (band,) = entries["my-gateway/claude-sonnet-4-5"].periods[0].card.bands
    assert (band.above, str(band.rates.input), str(band.rates.output)) == (200_000, "4.8", "18")


def test_every_command_of_the_page_exists(shell: Shell) -> None:
    """With the options it names."""
    for line in "".join(block for kind, block in BLOCKS if kind == "sh").splitlines():
        words = line.partition("#")[0].replace("[", "").replace("]", "").split()
        options = [word for word in words if word.startswith("--")]
        told = shell.cs(*words[1:3], "--help").out
        assert "Usage: cs pricing" in told, line
        assert [option for option in options if option not in told] == [], line
