"""Alerts: rules about how fast money goes, and breaches of them and of budgets' warn levels. Money in pico-dollars."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AlertKind(StrEnum):
    """What a rule watches, or where word goes."""

    RATE = "rate"
    """Dollars within one hour."""
    JUMP = "jump"
    """Today against the usual day."""
    NOTIFY = "notify"
    """An address that is told (an apprise URL)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One line of `cs alerts list`."""

    id: int
    uid: str
    kind: AlertKind
    limit_picousd: int | None = None
    """For `rate`: so much within an hour."""
    percent: int | None = None
    """For `jump`: so many percent of the usual day."""
    url: str | None = None
    """For `notify`. Holds passwords and tokens: never shown whole."""
    project: str | None = None
    """Only this project's spending; None: everything."""
    created_at_ms: int

    @property
    def masked_url(self) -> str | None:
        """The address without anything secret: `tgram://…`"""
        return None if self.url is None else self.url.partition("://")[0] + "://…"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBreach:
    """A limit that was just found passed. `key` makes it unique: nobody is told twice, in no process, at no restart."""

    key: str
    kind: str
    """`budget`, `rate` or `jump`."""
    message: str
    spent_picousd: int
    limit_picousd: int
    percent: int | None = None
    budget_id: int | None = None
    rule_id: int | None = None
    session_id: int | None = None
    silent: bool = False
    """A lower level that was passed together with a higher one: kept, not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(NewBreach):
    """A breach as the ledger keeps it."""

    id: int
    noticed_at_ms: int
    ended_at_ms: int | None = None
    problem: str | None = None
    """Why an address could not be told."""
