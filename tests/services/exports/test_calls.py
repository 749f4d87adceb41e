"""What a row of a call holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from codesession.domain.pricing import CostStatus
from codesession.domain.request import UsageStatus
from codesession.services.exports.calls import COLUMNS, ExportedCall, moment
from support.ledger import make_request


def test_a_row_has_every_column_in_order_and_exact_money() -> None:
    """Beside the pico-dollars, dollars as a decimal."""
    row = ExportedCall(call=make_request(session_id=3), session_uid="u", session_name="task").row()
    assert tuple(row) == tuple(COLUMNS)
    assert (row["cost_usd"], row["cost_picousd"], row["cost_status"]) == (Decimal("0.0045"), 4_500_000_000, "exact")
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (1_000, 100, 1_100)
    assert (row["session_uid"], row["session_name"], row["sources"]) == ("u", "task", "proxy")


def test_what_is_not_known_is_none() -> None:
    """No usage is no zero tokens, and a key of our own is no response id."""
    call = make_request(
        response_id="~manual:1",
        usage=None,
        usage_status=UsageStatus.MISSING,
        cost_picousd=None,
        cost_status=CostStatus.UNKNOWN,
    )
    row = ExportedCall(call=call).row()
    for name in ("response_id", "input_tokens", "output_tokens", "total_tokens", "cost_usd", "cost_picousd"):
        assert row[name] is None, name


def test_a_bare_total_is_a_total() -> None:
    """Of a source that gave no split."""
    assert ExportedCall(call=make_request(usage=None, reported_total_tokens=50)).row()["total_tokens"] == 50


def test_moments_keep_their_milliseconds() -> None:
    """Without a detour over binary fractions."""
    assert moment(1_795_312_800_001) == datetime(2026, 11, 22, 2, 0, 0, 1_000, tzinfo=UTC)
