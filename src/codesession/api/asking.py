"""What callers of `log_ai` may give, as what the core does with it. Shared by both kinds of sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from codesession.api.config import Usd
from codesession.api.responses import understood
from codesession.domain.money import dollars
from codesession.domain.request import Source
from codesession.errors import InvalidInputError
from codesession.services.recording import ReportedCall

if TYPE_CHECKING:
    from codesession.api.core import Recorded, SessionCore
    from codesession.app import App

Question = Callable[["App"], "Recorded | None"]


def logging(
    core: SessionCore,
    response: object,
    model: str | None,
    tokens: int | None,
    cost: Usd | None,
    *,
    provider: str | None,
    prompt_tokens: int | None,
    completion_tokens: int | None,
    cache_read_tokens: int,
    cache_write_tokens: int,
    reasoning_tokens: int,
    response_id: str | None,
    agent: str | None,
) -> Question:
    """The question for the ledger; raises `InvalidInputError` for what says too little."""
    core.check_open()
    if response is not None and not isinstance(response, str):
        found = understood(response, provider=provider, model=model)
        return lambda app: core.log_response(app, found, agent)
    name = response if isinstance(response, str) else provider
    if name is None or model is None:
        raise InvalidInputError(
            "say what was called", hint='log_ai(response), or log_ai("anthropic", "claude-…", prompt_tokens=…)'
        )
    call = ReportedCall(
        provider=name,
        model=model,
        total_tokens=tokens,
        input_tokens=prompt_tokens,
        output_tokens=completion_tokens,
        cache_read_input_tokens=cache_read_tokens,
        cache_write_input_tokens=cache_write_tokens,
        reasoning_output_tokens=reasoning_tokens,
        cost_usd=None if cost is None else dollars(cost),
        agent_name=agent or core.agent_name,
        response_id=response_id,
        source=Source.API,
    )
    return lambda app: core.log_reported(app, call)
