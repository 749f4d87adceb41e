"""The providers' own SDKs through the proxy: they parse what comes, so a changed byte would show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import anthropic
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from codesession.domain.usage import TokenUsage
from support import wires
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy

# google-genai subclasses aiohttp's session, which aiohttp discourages; not ours to change.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")

MESSAGES = [{"role": "user", "content": "hi"}]


def usage_of(proxy: RunningProxy) -> TokenUsage:
    """The usage of the one recorded call, which belongs to session 7."""
    observation = proxy.recorder.one()
    assert observation.context.session_id == 7
    assert observation.response.usage is not None
    return observation.response.usage


@pytest.fixture
def claude(proxy: RunningProxy) -> anthropic.Anthropic:
    """As `cs run` points it."""
    return anthropic.Anthropic(api_key="k", base_url=f"{proxy.url}/s/7/anthropic", max_retries=0)


@pytest.fixture
def gpt(proxy: RunningProxy) -> openai.OpenAI:
    """As `cs run` points it."""
    return openai.OpenAI(api_key="k", base_url=f"{proxy.url}/s/7/openai/v1", max_retries=0)


def test_anthropic_create(claude: anthropic.Anthropic, proxy: RunningProxy) -> None:
    """One message."""
    with claude:
        message = claude.messages.create(model="claude-sonnet-5", max_tokens=9, messages=MESSAGES)
    assert message.usage.cache_read_input_tokens == 2000
    assert usage_of(proxy).input_tokens == wires.ANTHROPIC_INPUT


def test_anthropic_stream(claude: anthropic.Anthropic, proxy: RunningProxy) -> None:
    """With text and a tool call."""
    with claude, claude.messages.stream(model="claude-sonnet-5", max_tokens=9, messages=MESSAGES) as stream:
        assert "".join(stream.text_stream) == 'héllo 🤖 "usage":'
        assert stream.get_final_message().content[1].input == {"path": "a.py"}
    assert usage_of(proxy).output_tokens == 45


def test_anthropic_async_stream(proxy: RunningProxy) -> None:
    """The asynchronous client."""

    async def run() -> str:
        base_url = f"{proxy.url}/s/7/anthropic"
        async with (
            anthropic.AsyncAnthropic(api_key="k", base_url=base_url) as client,
            client.messages.stream(model="claude-sonnet-5", max_tokens=9, messages=MESSAGES) as stream,
        ):
            return "".join([text async for text in stream.text_stream])

    assert asyncio.run(run()) == 'héllo 🤖 "usage":'
    assert usage_of(proxy).cache_write_1h_input_tokens == 200


def test_anthropic_count_tokens_and_models(claude: anthropic.Anthropic, proxy: RunningProxy) -> None:
    """Free calls pass and leave nothing."""
    with claude:
        counted = claude.messages.count_tokens(model="claude-sonnet-5", messages=MESSAGES)
        assert counted.input_tokens == 42
        assert claude.models.list().data == []
    assert proxy.recorder.none()


def test_an_anthropic_error_keeps_its_type(
    claude: anthropic.Anthropic, proxy: RunningProxy, provider: FakeProvider
) -> None:
    """So that the agent waits and tries again as it would without us."""
    body = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
    provider.script(wires.http(429, (("content-type", "application/json"),), body))
    with claude, pytest.raises(anthropic.RateLimitError, match="slow down"):
        claude.messages.create(model="claude-sonnet-5", max_tokens=9, messages=MESSAGES)
    assert proxy.recorder.none()


def test_openai_chat(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """One completion."""
    with gpt:
        completion = gpt.chat.completions.create(model="gpt-5.1", messages=MESSAGES)
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == usage_of(proxy).input_tokens == 1000


def test_openai_chat_stream_without_asking_for_usage(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """Every chunk has a choice, as the code of most agents expects, and the usage is known all the same."""
    with gpt, gpt.chat.completions.create(model="gpt-5.1", messages=MESSAGES, stream=True) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == 'héllo {"choices":[],"usage":{}}'
    assert all(chunk.usage is None for chunk in chunks)
    assert usage_of(proxy).cache_read_input_tokens == 800


def test_openai_chat_stream_that_asks_for_usage(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """The last chunk has it."""
    options = {"include_usage": True}
    with gpt:
        stream = gpt.chat.completions.create(model="gpt-5.1", messages=MESSAGES, stream=True, stream_options=options)
        *_, last = stream
    assert last.usage is not None
    assert last.usage.completion_tokens == usage_of(proxy).output_tokens == 50


def test_openai_async_chat_stream(proxy: RunningProxy) -> None:
    """The asynchronous client."""

    async def run() -> int:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{proxy.url}/s/7/openai/v1") as client:
            stream = await client.chat.completions.create(model="gpt-5.1", messages=MESSAGES, stream=True)
            return len([chunk async for chunk in stream])

    assert asyncio.run(run()) == 5
    assert usage_of(proxy).reasoning_output_tokens == 20


def test_openai_responses(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """One response."""
    with gpt:
        assert gpt.responses.create(model="gpt-5.1", input="hi").output_text == "héllo"
    assert usage_of(proxy).output_tokens == 70


def test_openai_responses_stream(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """Usage comes in the terminal event."""
    with gpt, gpt.responses.create(model="gpt-5.1", input="hi", stream=True) as stream:
        assert [event.type for event in stream][-1] == "response.completed"
    assert usage_of(proxy).cache_read_input_tokens == 600


def test_openai_embeddings(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """Billed by input."""
    with gpt:
        assert len(gpt.embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float").data) == 1
    assert usage_of(proxy).input_tokens == 8


def test_openai_legacy_stream_without_asking_for_usage(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """As with chat: known all the same, and no chunk without a choice."""
    with gpt, gpt.completions.create(model="gpt-3.5-turbo-instruct", prompt="hi", stream=True) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == "héllo"
    assert usage_of(proxy).output_tokens == 50


def test_openai_pictures(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """Known, and at least what their tokens cost as text."""
    with gpt:
        gpt.images.generate(model="gpt-image-1", prompt="a cat")
    assert usage_of(proxy).output_tokens == 4160
    assert not proxy.recorder.one().response.complete


def test_openai_sound(gpt: openai.OpenAI, proxy: RunningProxy) -> None:
    """The form names the model; what is spoken counts nothing, and is a call all the same."""
    with gpt:
        gpt.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"))
        assert usage_of(proxy).audio_input_tokens == 10
        assert proxy.recorder.one().response.request_model == "gpt-4o-transcribe"
        assert gpt.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="hi").content == b"\xff\xf3sound"
    _, spoken = proxy.recorder.wait(2)
    assert (spoken.response.request_model, spoken.response.usage) == ("gpt-4o-mini-tts", None)


@pytest.fixture
def gemini(proxy: RunningProxy) -> Iterator[genai.Client]:
    """As `cs run` points it."""
    with genai.Client(api_key="k", http_options={"base_url": f"{proxy.url}/s/7/google"}) as client:
        yield client


def test_gemini_generate(gemini: genai.Client, proxy: RunningProxy) -> None:
    """One answer."""
    assert gemini.models.generate_content(model="gemini-2.5-flash", contents="hi").text == "héllo"
    assert usage_of(proxy).output_tokens == 40


def test_gemini_stream(gemini: genai.Client, proxy: RunningProxy) -> None:
    """The counts are cumulative: the last ones are taken."""
    chunks = list(gemini.models.generate_content_stream(model="gemini-2.5-flash", contents="hi"))
    assert [chunk.text for chunk in chunks] == ["héllo", "héllo"]
    assert (usage_of(proxy).input_tokens, usage_of(proxy).output_tokens) == (500, 40)


def test_gemini_async(gemini: genai.Client, proxy: RunningProxy) -> None:
    """The asynchronous client."""

    async def run() -> str | None:
        async with gemini.aio as client:
            return (await client.models.generate_content(model="gemini-2.5-flash", contents="hi")).text

    assert asyncio.run(run()) == "héllo"
    assert usage_of(proxy).cache_read_input_tokens == 400


def test_gemini_interactions(gemini: genai.Client, proxy: RunningProxy) -> None:
    """Whole and streamed."""
    assert gemini.interactions.create(model="gemini-2.5-flash", input="hi").id == "v1_json"
    assert (usage_of(proxy).input_tokens, usage_of(proxy).output_tokens) == (500, 40)
    events = list(gemini.interactions.create(model="gemini-2.5-flash", input="hi", stream=True))
    assert events[-1].event_type == "interaction.completed"
    _, streamed = proxy.recorder.wait(2)
    assert (streamed.response.response_id, streamed.response.complete) == ("v1_stream", True)


def test_mistral_chat_and_stream(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Through /p/<provider>, unchanged."""
    proxy.sessions.tokens["m"] = 7
    with Mistral(api_key="k", server_url=f"{proxy.url}/s/m/p/mistral") as client:
        assert client.chat.complete(model="mistral-large", messages=MESSAGES) is not None
    assert proxy.recorder.one().response.provider_name == "mistral"
    assert b"stream_options" not in provider.requests[0].body
    assert usage_of(proxy).output_tokens == 50
