"""Text and sessions as columns; calls are in `call_rows`, which fewer commands need."""

from __future__ import annotations

from codesession.domain.money import PICO
from codesession.domain.session import Session, SessionStatus
from codesession.domain.spelling import spelled
from codesession.store.database import Row
from codesession.store.queries import INNER_COLUMNS, SESSION_COLUMNS


def text(value: str) -> str:
    """Text any database takes: lone surrogates and NUL, which agents and git may hand us, made visible."""
    if value.isascii() and "\x00" not in value:
        return value
    return spelled(value.replace("\x00", "\N{SYMBOL FOR NULL}"))


def session_of(row: Row) -> Session:
    """A session from its columns."""
    values = dict(zip((*SESSION_COLUMNS, *INNER_COLUMNS), row, strict=True))
    dollars, rest, partial = (int(values.pop(name)) for name in INNER_COLUMNS)  # PostgreSQL's sums are decimals
    values["cost_picousd"] += values.pop("cost_dollars") * PICO
    inner = {"inner_picousd": dollars * PICO + rest, "inner_partial_requests": partial}
    return Session(**{**values, **inner, "status": SessionStatus(values["status"])})
