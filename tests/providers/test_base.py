"""Request facts and what they contribute to every response."""

from __future__ import annotations

from codesession.domain.usage import TokenUsage, UsagePart
from codesession.providers.base import RequestFacts, respond, unfinished
from codesession.providers.counting import Findings


def answer(request: RequestFacts, body: dict[str, object] | None = None):
    return respond(
        request, body or {}, api="openai.chat", home="openai", parts=(), facts=request.billing(), findings=Findings()
    )


def test_facts_come_from_loose_json() -> None:
    """Unknown keys and wrong types are ignored."""
    facts = RequestFacts.from_mapping(
        {"batch": True, "region": "EU", "completion_window": "8h", "background": True, "base_url": 5, "x": 1},
        provider_name="openai",
        request_model="gpt-6",
    )
    assert facts == RequestFacts(
        provider_name="openai", request_model="gpt-6", batch=True, location="EU", completion_window="8h"
    )


def test_a_known_host_decides_who_bills() -> None:
    """A gateway keeps the provider that was named; without either the format's home bills."""
    assert RequestFacts(provider_name="openai", base_url="https://api.deepseek.com").billed_by("openai") == "deepseek"
    assert RequestFacts(provider_name="Kimi", base_url="http://localhost:4000").billed_by("openai") == "moonshot"
    assert RequestFacts().billed_by("openai") == "openai"


def test_the_biller_in_a_models_name_comes_before_the_formats_home() -> None:
    """But after host and name, which the caller is sure of."""
    facts = RequestFacts(request_model="groq/openai/gpt-oss-120b")
    assert facts.billed_by("openai") == "groq"
    assert RequestFacts(provider_name="together", request_model=facts.request_model).billed_by("openai") == "together"
    assert RequestFacts(base_url="https://openrouter.ai/api", request_model="groq/x").billed_by("x") == "openrouter"
    assert RequestFacts(request_model="gpt-5").named_biller is None


def test_secrets_of_a_base_url_are_not_kept() -> None:
    """Only scheme, host and port pass on."""
    facts = RequestFacts(base_url="https://user:pw@EU.api.openai.com:443/v1/key-123?token=x").billing()
    assert facts.base_url == "https://eu.api.openai.com:443"
    assert facts.endpoint_region == "eu"


def test_the_callers_location_beats_the_hosts() -> None:
    """The caller of Vertex knows its location, a relay in between does not."""
    request = RequestFacts(base_url="https://us-east5-aiplatform.googleapis.com/v1", location="Global")
    assert request.billing().endpoint_region == "global"


def test_a_tier_that_was_asked_for_is_never_taken_as_served() -> None:
    """It is only mentioned when the response is silent."""
    silent = answer(RequestFacts(service_tier="flex"))
    assert silent.facts.service_tier is None
    assert len(silent.warnings) == 1
    assert answer(RequestFacts(service_tier="auto")).warnings == ()


def test_identity_falls_back_to_the_header() -> None:
    """Bedrock Converse has its id only there."""
    assert answer(RequestFacts(response_id="req-1")).response_id == "req-1"
    assert answer(RequestFacts(response_id="req-1"), {"id": "chatcmpl-1"}).response_id == "chatcmpl-1"


def test_counts_that_were_none_leave_a_lower_bound() -> None:
    """They were consumed and are not zero; where nothing else is left, nothing is known."""
    request, findings = RequestFacts(), Findings()
    findings.count({"output_tokens": "500"}, "output_tokens")
    rest = UsagePart(usage=TokenUsage(input_tokens=5))
    for parts in ((rest,), (UsagePart(usage=TokenUsage()),)):
        told = respond(request, {}, api="a", home="b", parts=parts, facts=request.billing(), findings=findings)
        assert (told.parts, told.complete, told.mismatch) == ((rest,) if rest in parts else (), False, True)


def test_an_unfinished_response_keeps_its_counts() -> None:
    """They are a lower bound."""
    request = RequestFacts()
    part = UsagePart(usage=TokenUsage(input_tokens=5))
    whole = respond(request, {}, api="a", home="b", parts=(part,), facts=request.billing(), findings=Findings())
    assert unfinished(whole).parts == (part,)
    assert not unfinished(whole).complete
