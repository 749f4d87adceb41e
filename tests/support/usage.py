"""Ledgers with calls spread over time, and requests for reports about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from codesession.domain.report import ReportRequest
from codesession.domain.request import ModelRequest
from support.ledger import make_request


def at(text: str, zone: str = "UTC") -> int:
    """Epoch milliseconds of a local moment such as `2026-03-29T01:30`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def call_at(text: str, zone: str = "UTC", **changes: Any) -> ModelRequest:
    """A call that began at a local moment."""
    return make_request(started_at_ms=at(text, zone), **changes)


def request_in(zone: str = "UTC", **changes: Any) -> ReportRequest:
    """A request in a zone."""
    return ReportRequest(zone=ZoneInfo(zone), zone_name=zone, **changes)
