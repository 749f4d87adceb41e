"""Amounts on the command line are exact, or refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from codesession.cli.options import DOLLARS, FILLED, FilledPath
from codesession.domain.money import MAX_PICOUSD, MAX_USD, to_picousd


@pytest.mark.parametrize(
    ("text", "usd"),
    [("0", "0"), ("0.30", "0.3"), ("$5", "5"), (" 1.5 ", "1.5"), ("1e-6", "0.000001"), ("1000000", "1000000")],
)
def test_dollars_are_read_as_written(text: str, usd: str) -> None:
    """No binary float in between: 0.30 is thirty cents."""
    assert DOLLARS.convert(text, None, None) == Decimal(usd)


@pytest.mark.parametrize("text", ["", "abc", "-1", "-0.01", "nan", "inf", "1e7", "1e999999", "1,5", "$", "0x10", "٣x"])
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    """The message quotes what was typed."""
    with pytest.raises(click.BadParameter) as caught:
        DOLLARS.convert(text, None, None)
    assert repr(text) in caught.value.message


def test_an_amount_that_cannot_be_kept_is_refused() -> None:
    """Else it would become 0, which is another budget."""
    assert DOLLARS.convert("1e-12", None, None) == Decimal("1e-12")
    with pytest.raises(click.BadParameter, match="smallest"):
        DOLLARS.convert("1e-15", None, None)


def test_the_largest_amount_fits_the_ledger() -> None:
    """A budget that was accepted can be stored."""
    assert to_picousd(MAX_USD) < MAX_PICOUSD


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize("kind", [FILLED, FilledPath(path_type=Path)])
def test_an_empty_text_or_path_is_refused(kind: click.ParamType[Any], empty: str) -> None:
    """It is a variable of a script that was not set."""
    with pytest.raises(click.BadParameter, match="empty"):
        kind.convert(empty, None, None)


def test_a_text_and_a_path_are_taken_as_given() -> None:
    """Spaces at the ends may be meant."""
    assert FILLED.convert(" a ", None, None) == " a "
    assert FilledPath(path_type=Path).convert("a.csv", None, None) == Path("a.csv")
