"""The manual's page about prices: the file of own prices that it shows is one that is read."""

from __future__ import annotations

import json
import re
from pathlib import Path

from codesession.prices.overrides import Overrides

PAGE = (Path(__file__).parents[2] / "docs" / "how-a-call-is-priced.md").read_text(encoding="utf-8")
(OVERRIDES,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_of_own_prices_is_a_file_that_is_read(tmp_path: Path) -> None:
    """Every field and band."""
    file = tmp_path / "pricing.json"
    file.write_text(OVERRIDES)
    entries = Overrides(file).entries()
    assert set(entries) == set(json.loads(OVERRIDES))
    (band,) = entries["my-gateway/claude-sonnet-4-5"].periods[0].card.bands
    assert (band.above, str(band.rates.input), str(band.rates.output)) == (200_000, "4.8", "18")
