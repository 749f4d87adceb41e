"""The one spelling under which models are looked up."""

from __future__ import annotations

import pytest

from codesession.prices.keys import canonical


@pytest.mark.parametrize("written", ["claude-opus-4-6", "Claude-Opus-4.6", " claude-opus-4.6\n", "CLAUDE-OPUS-4-6"])
def test_letters_dots_and_blanks_make_no_other_model(written: str):
    """Gateways and people write versions in their own way."""
    assert canonical(written) == "claude-opus-4-6"


def test_what_may_be_another_model_stays():
    """Slashes, dates and suffixes are for those who know what they mean."""
    assert canonical("openai/gpt-5-2025-08-07:free") == "openai/gpt-5-2025-08-07:free"
