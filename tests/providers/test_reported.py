"""Costs and tool calls that providers report themselves."""

from __future__ import annotations

from decimal import Decimal

from codesession.providers.counting import Findings
from codesession.providers.reported import reported_cost, server_tool_requests


def test_xai_ticks_are_exact() -> None:
    """Ten billion of them are a dollar."""
    found = reported_cost({"cost_in_usd_ticks": 628540001}, {}, "xai", Findings())
    assert found == {"reported_cost_usd": Decimal("0.0628540001")}


def test_copilot_credits_are_money() -> None:
    """A credit is one cent; the count may stand in the body or in the usage."""
    credit = {"copilot_usage": {"total_nano_aiu": 1_000_000_000}}
    assert reported_cost({}, credit, "github_copilot", Findings()) == {"reported_cost_usd": Decimal("0.01")}
    assert reported_cost(credit, {}, "github_copilot", Findings()) == {"reported_cost_usd": Decimal("0.01")}


def test_a_cost_of_zero_is_a_cost() -> None:
    """Free models and free turns are known to cost nothing."""
    zero = reported_cost({}, {"copilot_usage": {"total_nano_aiu": 0}}, "github_copilot", Findings())
    assert zero == {"reported_cost_usd": Decimal(0)}


def test_only_openrouter_means_dollars_by_cost() -> None:
    """Elsewhere the field has other units or meanings."""
    assert reported_cost({"cost": 5}, {}, "my-gateway", Findings()) == {}
    assert reported_cost({"cost": 0.5}, {}, "openrouter", Findings())["reported_cost_usd"] == Decimal("0.5")


def test_perplexity_tells_the_whole_bill() -> None:
    """Its fee per request is many times what the tokens of a short answer cost."""
    cost = {"input_tokens_cost": 0.000014, "output_tokens_cost": 0.0005, "request_cost": 0.005, "total_cost": 0.005514}
    assert reported_cost({"cost": cost}, {}, "perplexity", Findings()) == {"reported_cost_usd": Decimal("0.005514")}


def test_the_upstream_bill_counts_only_with_an_own_key() -> None:
    """Otherwise it is what OpenRouter pays, and part of its own price."""
    usage = {"cost": 0.1, "cost_details": {"upstream_inference_cost": 0.08}}
    assert reported_cost(usage, {}, "openrouter", Findings())["reported_upstream_cost_usd"] == Decimal("0.08")
    usage["is_byok"] = False
    assert reported_cost(usage, {}, "openrouter", Findings())["reported_upstream_cost_usd"] is None


def test_an_own_key_without_its_bill_is_mentioned() -> None:
    """The reported cost is then only a fee."""
    findings = Findings()
    reported_cost({"cost": 0.1, "is_byok": True}, {}, "openrouter", findings)
    assert len(findings.warnings) == 1
    assert not findings.mismatch


def test_a_cost_that_is_no_amount_is_doubted() -> None:
    """And none is reported."""
    for usage, provider in (
        ({"cost": "free"}, "openrouter"),
        ({"cost_in_usd_ticks": -1}, "xai"),
        ({"cost": {}}, "perplexity"),
    ):
        findings = Findings()
        assert reported_cost(usage, {}, provider, findings).get("reported_cost_usd") is None
        assert findings.mismatch


def test_tool_calls_of_xai_fall_into_their_kinds() -> None:
    """Without a total the kinds are summed."""
    details = {"server_side_tool_usage_details": {"web_search_calls": 1, "x_search_calls": 2, "mcp_calls": 9}}
    assert server_tool_requests(details, Findings()) == {
        "web_search_requests": 1,
        "file_search_requests": 0,
        "tool_requests": 2,
    }
