"""A window that only the request for background processing told is known when its answer is fetched."""

from __future__ import annotations

from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.proxy.background import _KEPT, Windows

USED = (UsagePart(usage=TokenUsage(input_tokens=10, output_tokens=5)),)


def response(number: int, *, parts: tuple[UsagePart, ...] = USED, window: str | None = None) -> ModelResponse:
    facts = BillingFacts(service_tier="default", completion_window=window)
    return ModelResponse(
        provider_name="openai", api="openai.responses", response_id=f"resp_{number}", parts=parts, facts=facts
    )


def test_a_fetched_answer_has_the_window_of_its_request() -> None:
    """However often it is fetched; the tier and the rest stay its own."""
    windows = Windows()
    windows.asked(response(1, parts=(), window="8h"))
    windows.asked(response(2, parts=()))
    for _ in range(2):
        assert windows.told(response(1)) == response(1, window="8h")
        assert windows.told(response(2)) == response(2)


def test_where_nobody_saw_the_request_the_window_is_a_doubt() -> None:
    """It may cost less than the list price."""
    told = Windows().told(response(1))
    assert told.facts == response(1).facts
    assert len(told.warnings) == 1


def test_an_answer_that_has_its_usage_is_not_waited_for() -> None:
    """And of the others only so many are remembered."""
    windows = Windows()
    windows.asked(response(0, window="8h"))
    for number in range(1, _KEPT + 2):
        windows.asked(response(number, parts=(), window="2h"))
    assert [bool(windows.told(response(number)).warnings) for number in (0, 1, 2, _KEPT + 1)] == [
        *(True, True, False, False)
    ]
