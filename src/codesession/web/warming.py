"""
What the first page asks, asked before the browser is there.

A browser takes half a second to start. In that time a new server loads what questions need and reads the sums that
the first page shows, so that on a ledger of millions of calls nobody waits for them.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from codesession.domain.periods import local_date
from codesession.errors import CodesessionError
from codesession.web.answers import asking, overview, usage
from codesession.web.schemas.asking import Asked, AskedChart, Zoned

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.web.routes.shared import State

DAYS = 30
"""The stretch of time that the first page begins with; `useSpan("30d")` in dashboard/."""


async def warm(state: State) -> None:
    """Ask; answers are remembered as if a page had asked. What goes wrong the page will hear itself."""
    try:
        # Not remembered: loading the code would count as the time that the question takes.
        await state.quick.ask(overview.overview, Zoned())
        chart, sums = await state.quick.ask(_month)
    except CodesessionError:
        return
    memory, quick = state.memory, state.quick
    await asyncio.gather(
        memory.answer(quick, overview.overview, Zoned()),
        memory.answer(quick, usage.chart, chart),
        memory.answer(quick, usage.totals, sums),
        memory.answer(quick, usage.cache_savings, sums),
        memory.answer(quick, usage.names),
        return_exceptions=True,
    )


def _month(app: App) -> tuple[AskedChart, Asked]:
    zone, _ = asking.zone(app, None)
    today = local_date(zone, app.reports.now_ms())
    span = {"since": today - timedelta(days=DAYS - 1), "until": today}
    return AskedChart.model_validate(span), Asked.model_validate(span)
