"""What filters can choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.domain.report import CallFilter, Dimension
from codesession.services.reports.spans import summed

if TYPE_CHECKING:
    from codesession.store.base_reports import ReportStore


def names(store: ReportStore) -> dict[Dimension, list[str]]:
    """The values of every dimension, dearest first; one question for all of them."""
    extent = store.extent()
    cells = [] if extent is None else store.usage(extent, by=tuple(Dimension), where=CallFilter())
    found = {}
    for place, dimension in enumerate(Dimension):
        sums = summed((cell.keys[place], cell.totals) for cell in cells)
        found[dimension] = [value for value in sums if value]
    return found
