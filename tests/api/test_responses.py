"""`log_ai` with what the real SDKs return, and with usages as providers send them."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from codesession import track
from codesession.api.responses import understood
from codesession.errors import InvalidInputError
from support import wires
from support.fake_provider import FakeProvider
from support.shell import Shell

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")

MESSAGES: Any = [{"role": "user", "content": "hi"}]
ANTHROPIC_USD = 0.002886
"""12 x 3 + 2000 x 0.30 + 100 x 3.75 + 200 x 6 + 45 x 15, per million."""


def test_an_anthropic_message_is_priced_with_its_caches(user: Shell, provider: FakeProvider) -> None:
    """Reads, 5-minute and 1-hour writes each at their rate; twice the same message counts once."""
    with anthropic.Anthropic(api_key="k", base_url=provider.url) as client, track("Fix") as session:
        message = client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=MESSAGES)
        session.log_ai(message)
        session.log_ai(message)
        assert session.spent == ANTHROPIC_USD
        session.log_ai(message.usage, provider="anthropic", model="claude-sonnet-4-5")
    assert session.summary is not None
    assert (session.summary.ai_calls, session.summary.ai_cost) == (2, 2 * ANTHROPIC_USD)
    assert session.summary.ai_usage[-1].prompt_tokens == wires.ANTHROPIC_INPUT


def test_openai_completions_responses_and_embeddings(user: Shell, provider: FakeProvider) -> None:
    """Three shapes of usage."""
    with openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1") as client, track("Fix") as session:
        session.log_ai(client.chat.completions.create(model="gpt-5.1", messages=MESSAGES))
        session.log_ai(client.responses.create(model="gpt-5.1", input="hi"))
        session.log_ai(client.embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float"))
    assert session.summary is not None
    used = [(call.provider, call.model, call.prompt_tokens) for call in session.summary.ai_usage]
    assert sorted(used) == [
        ("openai", "gpt-5.1-2025-11-13", 900),
        ("openai", "gpt-5.1-2025-11-13", 1000),
        ("openai", "text-embedding-3-small", 8),
    ]
    assert session.summary.unpriced_calls == 0


def test_a_gemini_answer_counts_its_thoughts(user: Shell, provider: FakeProvider) -> None:
    """They stand beside the candidates; both spellings of its JSON are understood."""
    with genai.Client(api_key="k", http_options={"base_url": provider.url}) as client:
        answer = client.models.generate_content(model="gemini-2.5-flash", contents="hi")
    for given in (answer, answer.model_dump(mode="json"), wires.gemini_body()):
        response = understood(given, provider=None if given is answer else "google", model=None)
        assert (response.provider_name, response.model) == ("google", "gemini-2.5-flash")
        assert response.usage is not None
        assert (response.usage.input_tokens, response.usage.output_tokens) == (500, 40)
    with track("Fix") as session:
        session.log_ai(answer)
        assert session.spent > 0


def test_a_mistral_answer_is_billed_by_mistral(user: Shell, provider: FakeProvider) -> None:
    """It has OpenAI's shape; the object says whose it is."""
    with Mistral(api_key="k", server_url=provider.url) as client:
        answer = client.chat.complete(model="mistral-large-latest", messages=MESSAGES)
    response = understood(answer, provider=None, model="mistral-large-latest")
    assert response.provider_name == "mistral"
    assert response.usage is not None
    assert response.usage.output_tokens == 50


@pytest.mark.parametrize(
    ("usage", "provider", "model", "prompt"),
    [
        (wires.ANTHROPIC_USAGE, "anthropic", "claude-sonnet-4-5", wires.ANTHROPIC_INPUT),
        (wires.CHAT_USAGE, "openai", "gpt-5.1", 1000),
        (wires.RESPONSES_USAGE, "openai", "gpt-5.1", 900),
        (wires.GEMINI_USAGE, "google", "gemini-2.5-flash", 500),
        (wires.CHAT_USAGE, "deepseek", "deepseek-chat", 1000),
    ],
)
def test_a_usage_alone_needs_provider_and_model(usage: dict[str, Any], provider: str, model: str, prompt: int) -> None:
    """With both it is understood whatever its shape."""
    response = understood(usage, provider=provider, model=model)
    assert response.provider_name == provider
    assert response.usage is not None
    assert response.usage.input_tokens == prompt
    with pytest.raises(InvalidInputError, match="whose it is"):
        understood(usage, provider=provider, model=None)


@pytest.mark.parametrize("given", [object(), 3, ["x"], {}])
def test_what_is_no_response_is_refused(given: object) -> None:
    """With an error that says what to give."""
    with pytest.raises(InvalidInputError):
        understood(given, provider="anthropic", model="claude-sonnet-4-5")
