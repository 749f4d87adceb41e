"""The same calls at another model's prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.errors import UnknownModelError
from codesession.web.answers.asking import day, request
from codesession.web.answers.figures import usage, usd
from codesession.web.schemas.usage import WhatIf

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.web.schemas.asking import AskedWhatIf

_BASIS = (
    "token sums by kind at today's list prices, standard tier; without long-context bands and per-request fees;"
    " another model would have written answers of another length"
)


def what_if(app: App, asked: AskedWhatIf) -> WhatIf:
    """Raises `UnknownModelError` for a target without a price."""
    wanted = request(app, asked)
    target = app.prices.rates(asked.target_provider, asked.target_model, app.reports.now_ms())
    if target is None:
        raise UnknownModelError(asked.target_provider or "any", asked.target_model)
    found = app.insights.what_if(wanted, model=asked.model_name, provider=asked.provider_name, target=target)
    own = found.own_picousd
    return WhatIf(
        provider=asked.provider_name,
        model=asked.model_name,
        target_provider=target.provider,
        target_model=target.model,
        since=day(wanted.since),
        until=day(wanted.until),
        timezone=wanted.zone_name,
        usage=usage(found.totals),
        own_list_usd=usd(own),
        target_usd=usd(found.target_picousd) or 0.0,
        difference_usd=usd(None if own is None else found.target_picousd - own),
        basis=_BASIS,
    )
