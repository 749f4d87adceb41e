"""
What a provider says about the bill beside tokens: its own price of the call, and server-side tool calls.

OpenRouter: `usage.cost` in credits, which are dollars (https://openrouter.ai/docs/use-cases/usage-accounting).
xAI: `cost_in_usd_ticks`, 1e-10 dollars (https://docs.x.ai/developers/cost-tracking).
Perplexity: `usage.cost.total_cost`, its fee per request or search included (https://docs.perplexity.ai/api-reference).
GitHub Copilot: `copilot_usage.total_nano_aiu`; an AI credit is 1e9 of them and costs one cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from codesession.domain.money import EXACT
from codesession.providers.counting import MAX_USD, Findings, exact_decimal, exact_usd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

Json: TypeAlias = "Mapping[str, Any]"

_NO_AMOUNT = "the reported cost is not an amount"
_TICKS_EXPONENT = -10
_NANO_CREDIT_EXPONENT = -11


def reported_cost(usage: Json, response: Json, provider_name: str, findings: Findings) -> dict[str, Decimal | None]:
    """`reported_cost_usd` and `reported_upstream_cost_usd` for the billing facts, where the provider tells."""
    if usage.get("cost_in_usd_ticks") is not None:
        return {"reported_cost_usd": _scaled(usage["cost_in_usd_ticks"], _TICKS_EXPONENT, findings)}
    for holder in (response, usage):
        credits = findings.child(holder, "copilot_usage").get("total_nano_aiu")
        if credits is not None:
            return {"reported_cost_usd": _scaled(credits, _NANO_CREDIT_EXPONENT, findings)}
    if provider_name == "openrouter" and usage.get("cost") is not None:
        return _openrouter_cost(usage, findings)
    if provider_name == "perplexity" and usage.get("cost") is not None:
        return {"reported_cost_usd": _usd(findings.child(usage, "cost").get("total_cost"), findings)}
    return {}


def _scaled(value: object, exponent: int, findings: Findings) -> Decimal | None:
    number = exact_decimal(value)
    usd = None if number is None else number.scaleb(exponent, EXACT)
    if usd is None or usd > MAX_USD:
        findings.doubt(_NO_AMOUNT)
        return None
    return usd


def _usd(value: object, findings: Findings) -> Decimal | None:
    usd = exact_usd(value)
    if usd is None:
        findings.doubt(_NO_AMOUNT)
    return usd


def _openrouter_cost(usage: Json, findings: Findings) -> dict[str, Decimal | None]:
    cost = _usd(usage["cost"], findings)
    if cost is None:
        return {}
    upstream = exact_usd(findings.child(usage, "cost_details").get("upstream_inference_cost"))
    own_key = usage.get("is_byok")
    if own_key is True and upstream is None:
        findings.note("an own provider key was used and its cost was not reported: the cost is only OpenRouter's fee")
    if own_key is False or not upstream:
        upstream = None
    return {"reported_cost_usd": cost, "reported_upstream_cost_usd": upstream}


def server_tool_requests(usage: Json, findings: Findings) -> dict[str, int]:
    """
    Server-side tool calls that a usage object itself counts (Anthropic, OpenRouter, xAI).

    xAI's `num_server_side_tools_used` counts all tools together: what is not a web or file search goes to
    `tool_requests`.
    """
    if "num_server_side_tools_used" in usage or "server_side_tool_usage_details" in usage:
        return _xai_tools(usage, findings)
    tools = findings.child(usage, "server_tool_use") or findings.child(usage, "server_tool_use_details")
    if not tools:
        return {}
    return {name: findings.count(tools, name) or 0 for name in ("web_search_requests", "web_fetch_requests")}


def _xai_tools(usage: Json, findings: Findings) -> dict[str, int]:
    details = findings.child(usage, "server_side_tool_usage_details")
    web = findings.count(details, "web_search_calls") or 0
    files = findings.count(details, "file_search_calls") or 0
    used = findings.count(usage, "num_server_side_tools_used")
    if used is None:
        names = ("x_search_calls", "code_interpreter_calls", "document_search_calls", "image_generation_calls")
        used = web + files + sum(findings.count(details, name) or 0 for name in names)
    return {
        "web_search_requests": web,
        "file_search_requests": files,
        "tool_requests": max(0, used - web - files),
    }
