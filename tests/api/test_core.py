"""What reaches the program, and what becomes the one warning."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from codesession.api import asking
from codesession.api.config import SessionOptions
from codesession.api.core import SessionCore, error_note
from codesession.errors import (
    BudgetExceededError,
    InvalidInputError,
    MissingTokensError,
    PriceFileError,
    StorageError,
)
from support.shell import Shell


def make_core(**options: Any) -> SessionCore:
    """A session that has not begun."""
    return SessionCore("Fix", SessionOptions(**options))


@pytest.mark.parametrize("error", [InvalidInputError("x"), MissingTokensError(), BudgetExceededError(2, 1)])
def test_what_the_program_did_wrong_reaches_it(user: Shell, error: Exception) -> None:
    """And a budget that says stop."""
    with pytest.raises(type(error)), make_core().guarded():
        raise error


@pytest.mark.parametrize("error", [StorageError("disk"), PriceFileError("prices"), OSError("full"), KeyError("bug")])
def test_anything_else_is_one_warning(user: Shell, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """However often it happens."""
    core = make_core()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with core.guarded():
                raise error
    assert len(caplog.records) == 1
    assert "not recorded in full" in caplog.text


def test_an_interrupt_is_never_kept_back(user: Shell) -> None:
    """Ctrl+C is the program's."""
    with pytest.raises(KeyboardInterrupt), make_core().guarded():
        raise KeyboardInterrupt


def test_an_error_is_noted_in_one_short_line() -> None:
    """SDKs quote requests in theirs."""
    assert error_note(ValueError("first\nsecond")) == "ValueError: first"
    assert error_note(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert len(error_note(ValueError("x" * 10_000))) < 400


def test_a_broken_price_file_keeps_the_call_unpriced(user: Shell, caplog: pytest.LogCaptureFixture) -> None:
    """It can be priced when the file is mended."""
    from codesession import track
    from support import wires

    (user.home / ".codesession").mkdir()
    (user.home / ".codesession" / "pricing.json").write_text("{")
    with caplog.at_level(logging.WARNING), track("Fix") as session:
        session.log_ai(wires.anthropic_body())
    assert session.summary is not None
    assert (session.summary.ai_calls, session.summary.unpriced_calls) == (1, 1)
    assert len(caplog.records) == 1


def test_a_call_is_named_in_any_of_the_ways_that_make_sense(user: Shell) -> None:
    """Provider first, or by keyword; what says too little is refused."""
    core = make_core()
    core.is_started = True
    nothing: dict[str, Any] = {
        "prompt_tokens": 1,
        "completion_tokens": None,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "reasoning_tokens": 0,
        "response_id": None,
        "agent": None,
    }
    assert callable(asking.logging(core, "anthropic", "m", None, None, provider=None, **nothing))
    assert callable(asking.logging(core, None, "m", None, None, provider="anthropic", **nothing))
    for response, model, provider in (("anthropic", None, None), (None, "m", None), (None, None, "anthropic")):
        with pytest.raises(InvalidInputError, match="say what was called"):
            asking.logging(core, response, model, None, None, provider=provider, **nothing)
