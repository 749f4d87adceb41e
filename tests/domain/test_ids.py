"""Identifiers sort by time and do not clash."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.ids import uuid7

moments = st.integers(0, 2**48 - 1)


@given(moments)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_moment(at_ms: int) -> None:
    """RFC 9562: 48 bits of milliseconds, version 7, the variant of all modern UUIDs, canonical text."""
    made = uuid7(at_ms)
    parsed = UUID(made)
    assert str(parsed) == made
    assert (parsed.version, parsed.variant) == (7, RFC_4122)
    assert parsed.int >> 80 == at_ms


@given(moments, moments)
def test_ids_sort_as_their_moments_do(first_ms: int, second_ms: int) -> None:
    """So a merged ledger can be read in order of time by its ids."""
    if first_ms != second_ms:
        assert (uuid7(first_ms) < uuid7(second_ms)) == (first_ms < second_ms)


def test_ids_of_one_moment_differ() -> None:
    """Sixteen processes that record in the same millisecond must not meet."""
    assert len({uuid7(1_700_000_000_000) for _ in range(20_000)}) == 20_000
