"""How conditions become SQL."""

from __future__ import annotations

from codesession.domain.report import CallFilter, Dimension, SessionQuery, Span
from codesession.store.report_queries import LEDGER, ROLLUP, Where, add_calls, like, session_page, usage


def test_values_are_always_bound() -> None:
    """Nothing a user wrote is part of a statement's text."""
    evil = "x'; DROP TABLE sessions; --"
    everywhere = CallFilter(projects=(evil,), providers=(evil,), models=(evil, evil + "*"), agents=(evil,))
    statements = (
        usage(Span(start_ms=0, end_ms=1), (Dimension.MODEL,), None, 0, everywhere),
        session_page(SessionQuery(search=evil, status=evil, where=everywhere)),
    )

    assert all("DROP" not in statement.sql for statement in statements)
    assert all(name in statement.sql for statement in statements for name in statement.params)


def test_signs_of_patterns_are_taken_literally() -> None:
    """Only `*` means anything in a filter."""
    assert like("50%_!") == "50!%!_!!"


def test_without_a_filter_there_is_no_condition() -> None:
    """Everything passes."""
    where = Where()
    add_calls(where, CallFilter(), ROLLUP)

    assert where.sql() == ""
    assert set(LEDGER) == set(ROLLUP) == set(Dimension)
