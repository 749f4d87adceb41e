"""Recorded logs of real agent versions, and what the API really answered when they were written."""

from __future__ import annotations

import pytest

from support.logs import SAMPLES, Ledger

CLAUDE = {
    "claude-1.0.60": (
        3,
        0,
        963,
        {"a6c6a9fc-c20a-4ac2-b8f2-6eaa75bf110f": 2, "78d96288-e21f-4381-9ca7-abb4eb60799d": 1},
    ),
    "claude-2.1.94": (3, 3, 6, {"3ee57b31-78cb-46f3-a072-3425e7ad3101": 3}),
    "claude-2.1.330": (
        14,
        4,
        3218,
        {
            "02e45750-873c-49a9-a39f-80ed3ec1fc33": 1,
            "86ab4eb0-f8f9-45dd-9f76-112f514a10ab": 4,
            "cd3b8a82-0b47-4dd4-b083-e35abb1f9970": 6,
            "a093106c-04e8-4a32-b9c3-037f6543e091": 1,
            "bf2b1eab-0052-4c58-9a15-8af9873b0ef4": 2,
        },
    ),
}
"""Folder: calls, lower bounds, output tokens, calls by the conversation that made them."""

CODEX = {
    "codex-0.77.0": {"01a200cc-d7fc-7be2-91e9-07dce2770993": 3},
    "codex-0.104.0": {
        "01a200cd-8e7a-7421-a93b-a0fe7f1b5a69": 3,
        "01a200cd-90aa-7170-bfb2-aabe284dcf1f": 2,
        "01a200cd-91cc-7903-8025-3f835ad2c60a": 2,
    },
    "codex-0.125.0": {
        "01a200cd-ba52-7c90-8081-61a8748cc178": 3,
        "01a200cd-e4be-74b0-8ca1-508fde3dbde0": 2,
        "01a200cd-fa75-7f00-b676-758520084139": 2,
    },
    "codex-0.169.0-run1": {"01a200ca-3967-73a1-9ced-67d729212cce": 2},
    "codex-0.169.0-run2": {"01a200cb-17ca-7ef0-bddc-4372613c35fd": 2, "01a200cb-422b-7722-86ef-2ec18564c64c": 1},
    "codex-0.169.0-tiers": {"01a200f7-7123-79d2-b43e-8dbea0fbd6ba": 1, "01a200f7-8654-73a3-b5e4-18141d8c59ee": 1},
}
"""Folder: calls by thread. Every call read 8,000 of 9,000 tokens from the cache and wrote 321."""


@pytest.mark.parametrize("folder", CLAUDE)
def test_claude_code_counts_what_the_api_answered(imported: Ledger, folder: str) -> None:
    """Content blocks, resume, fork, sub-agents, cut streams: every call once, for the conversation that made it."""
    calls, lower_bounds, output, owners = CLAUDE[folder]
    found = imported.run(SAMPLES / "claude_code" / folder)["claude-code"]
    totals = found.totals
    assert (totals.calls, totals.lower_bound_calls, totals.output_tokens) == (calls, lower_bounds, output)
    assert totals.input_tokens - totals.cache_read_input_tokens - totals.cache_write_input_tokens == 3 * calls
    assert (totals.cache_read_input_tokens, totals.cache_write_input_tokens) == (8000 * calls, 1200 * calls)
    assert totals.cache_write_1h_input_tokens == 200 * calls
    assert imported.calls_by_conversation() == owners
    imported.check()


@pytest.mark.parametrize("folder", CODEX)
def test_codex_counts_what_the_api_answered(imported: Ledger, folder: str) -> None:
    """Repeated counts, resume, forked sub-agents, forks by reference: every response once, for its own thread."""
    calls = sum(CODEX[folder].values())
    totals = imported.run(SAMPLES / "codex" / folder)["codex"].totals
    assert (totals.calls, totals.lower_bound_calls) == (calls, 0)
    assert (totals.input_tokens, totals.cache_read_input_tokens) == (9000 * calls, 8000 * calls)
    assert totals.output_tokens == 321 * calls
    assert imported.calls_by_conversation() == CODEX[folder]
    imported.check()


def test_codex_tiers_are_priced_as_they_were_served(imported: Ledger) -> None:
    """One call at the priority price, one at the flex price: five times apart."""
    imported.run(SAMPLES / "codex" / "codex-0.169.0-tiers")
    flex, priority = sorted(cost for (cost,) in imported.query("SELECT cost_picousd FROM model_requests"))
    assert priority == 5 * flex
