"""The real SDKs inside a session, with nothing else changed in the program."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import anthropic
import httpx2
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from codesession import BudgetExceededError, SessionSummary, instrument, track, uninstrument
from support import wires
from support.fake_provider import End, FakeProvider
from support.shell import Shell

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")

MESSAGES: Any = [{"role": "user", "content": "hi"}]
ANTHROPIC_USD = 0.002886
CLAUDE: dict[str, Any] = {"model": "claude-sonnet-5", "max_tokens": 9, "messages": MESSAGES}


def claude(provider: FakeProvider) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="k", base_url=provider.url, max_retries=0)


def gpt(provider: FakeProvider) -> openai.OpenAI:
    return openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", max_retries=0)


def one(summary: SessionSummary | None) -> tuple[str, str, int | None, int | None, float | None]:
    """The one recorded call."""
    assert summary is not None
    (call,) = summary.ai_usage
    return call.provider, call.model, call.prompt_tokens, call.completion_tokens, call.cost


def test_anthropic_sync(instrumented: None, provider: FakeProvider) -> None:
    """A message, a stream of events, the stream helper, the raw response: all the same call to us."""
    with claude(provider) as client:
        with track("create") as session:
            client.messages.create(**CLAUDE)
            assert session.spent == ANTHROPIC_USD
        expected = ("anthropic", "claude-sonnet-4-5-20250929", wires.ANTHROPIC_INPUT, 45, ANTHROPIC_USD)
        assert one(session.summary) == expected
        with track("stream") as session:
            assert len(list(client.messages.create(**CLAUDE, stream=True))) > 5
        assert one(session.summary) == expected
        with track("helper") as session, client.messages.stream(**CLAUDE) as stream:
            assert stream.get_final_text() == 'héllo 🤖 "usage":'
        assert one(session.summary) == expected
        with track("raw") as session:
            client.messages.with_raw_response.create(**CLAUDE).parse()
        assert one(session.summary) == expected


def test_free_calls_and_calls_outside_a_session_leave_nothing(
    instrumented: None, provider: FakeProvider, user: Shell
) -> None:
    """Counting tokens is free; without a session nobody asked."""
    with claude(provider) as client:
        with track("Fix") as session:
            client.messages.count_tokens(model="claude-sonnet-5", messages=MESSAGES)
        client.messages.create(**CLAUDE)
    assert session.summary is not None
    assert session.summary.ai_calls == 0
    assert user.ok("report", "model", "--json")["rows"] == []


def test_anthropic_async(instrumented: None, provider: FakeProvider) -> None:
    """Awaited, and streamed."""

    async def scene() -> None:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url) as client:
            async with track("create") as session:
                await client.messages.create(**CLAUDE)
                assert session.spent == ANTHROPIC_USD
            async with track("stream") as streamed, client.messages.stream(**CLAUDE) as stream:
                assert "".join([text async for text in stream.text_stream]) == 'héllo 🤖 "usage":'
        assert one(session.summary) == one(streamed.summary)

    asyncio.run(scene())


def test_openai_sync(instrumented: None, provider: FakeProvider) -> None:
    """Completions, responses and embeddings, whole and streamed."""
    with gpt(provider) as client:
        with track("chat") as chat:
            client.chat.completions.create(model="gpt-5.1", messages=MESSAGES)
        assert one(chat.summary)[:4] == ("openai", "gpt-5.1-2025-11-13", 1000, 50)
        with track("responses") as responses:
            client.responses.create(model="gpt-5.1", input="hi")
            list(client.responses.create(model="gpt-5.1", input="hi", stream=True))
            client.embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float")
        assert responses.summary is not None
        assert (responses.summary.ai_calls, responses.summary.unpriced_calls) == (3, 0)


def test_a_chat_stream_tells_its_usage_without_the_program_noticing(instrumented: None, provider: FakeProvider) -> None:
    """It is asked for, and the chunk without choices that carries it is taken out again."""
    with gpt(provider) as client, track("chat") as session:
        chunks = list(client.chat.completions.create(model="gpt-5.1", messages=MESSAGES, stream=True))
        assert all(chunk.choices for chunk in chunks)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == 'héllo {"choices":[],"usage":{}}'
    assert one(session.summary)[2:4] == (1000, 50)
    assert b'"include_usage":true' in provider.requests[-1].body
    with gpt(provider) as client, track("asks itself") as session:
        options: Any = {"include_usage": True}
        *_, last = client.chat.completions.create(
            model="gpt-5.1", messages=MESSAGES, stream=True, stream_options=options
        )
        assert last.usage is not None
    assert one(session.summary)[2:4] == (1000, 50)


def test_calls_that_count_nothing_are_calls(instrumented: None, provider: FakeProvider) -> None:
    """Sound is of unknown cost, pictures cost at least their tokens, legacy streams are asked for their usage."""
    with gpt(provider) as client, track("sound") as session:
        client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="hi").read()
        client.images.generate(model="gpt-image-1", prompt="a cat")
        client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"))
        chunks = list(client.completions.create(model="gpt-3.5-turbo-instruct", prompt="hi", stream=True))
        assert all(chunk.choices for chunk in chunks)
    assert session.summary is not None
    assert [(call.model, call.cost) for call in session.summary.ai_usage] == [
        ("gpt-4o-mini-tts", None),
        ("gpt-image-1", 0.16665),
        ("gpt-4o-transcribe", 0.00052),
        ("gpt-3.5-turbo-instruct", 0.0016),
    ]


def test_a_form_with_files_names_its_model_also_to_an_event_loop(instrumented: None, provider: FakeProvider) -> None:
    """And arrives whole."""

    async def scene() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1") as client, track("sound") as session:
            await client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"))
        assert one(session.summary)[1:] == ("gpt-4o-transcribe", 14, 45, 0.00052)

    asyncio.run(scene())
    assert b"RIFF" in provider.requests[0].body


def test_a_call_that_tells_no_cost_does_not_fit_a_strict_budget(instrumented: None, provider: FakeProvider) -> None:
    """The reason is not that little is left."""
    with (
        gpt(provider) as client,
        track("sound", budget=5, strict=True),
        pytest.raises(BudgetExceededError, match="nothing limits what it may cost"),
    ):
        client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="hi")
    assert provider.requests == []


def test_openai_async_stream(instrumented: None, provider: FakeProvider) -> None:
    """The same for an event loop."""

    async def scene() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1") as client, track("x") as session:
            stream = await client.chat.completions.create(model="gpt-5.1", messages=MESSAGES, stream=True)
            assert len([chunk async for chunk in stream]) == 5
        assert one(session.summary)[2:4] == (1000, 50)

    asyncio.run(scene())


def test_gemini_sync_and_async(instrumented: None, provider: FakeProvider) -> None:
    """Httpx when it waits, aiohttp in an event loop; whole and streamed."""
    asked: dict[str, Any] = {"model": "gemini-2.5-flash", "contents": "hi"}
    with genai.Client(api_key="k", http_options={"base_url": provider.url}) as client:
        with track("create") as whole:
            client.models.generate_content(**asked)
        with track("stream") as streamed:
            assert len(list(client.models.generate_content_stream(**asked))) == 2

    async def scene() -> tuple[SessionSummary | None, SessionSummary | None]:
        async with genai.Client(api_key="k", http_options={"base_url": provider.url}).aio as aio:
            async with track("create") as session:
                await aio.models.generate_content(**asked)
            async with track("stream") as stream:
                assert len([chunk async for chunk in await aio.models.generate_content_stream(**asked)]) == 2
        return session.summary, stream.summary

    found = {one(summary) for summary in (whole.summary, streamed.summary, *asyncio.run(scene()))}
    ((provider_name, model, prompt, answer, cost),) = found
    assert (provider_name, model, prompt, answer) == ("google", "gemini-2.5-flash", 500, 40)
    assert cost is not None


def test_mistral(instrumented: None, provider: FakeProvider) -> None:
    """OpenAI's shape, billed by Mistral, also behind a host of one's own."""
    with Mistral(api_key="k", server_url=provider.url) as client, track("Fix") as session:
        client.chat.complete(model="mistral-large-latest", messages=MESSAGES)
    assert one(session.summary)[0] == "mistral"


def test_a_call_is_refused_before_the_money_is_spent(instrumented: None, provider: FakeProvider) -> None:
    """The provider never sees it; sync and async."""
    with claude(provider) as client, track("Fix", budget=0.002):
        client.messages.create(**CLAUDE)  # something is left: the last call may go beyond
        assert len(provider.requests) == 1
        with pytest.raises(BudgetExceededError) as refused:
            client.messages.create(**CLAUDE)
        assert (refused.value.spent, refused.value.budget) == (ANTHROPIC_USD, 0.002)

    async def scene() -> None:
        async with (
            anthropic.AsyncAnthropic(api_key="k", base_url=provider.url) as client,
            track("Fix", budget=0.000001, strict=True),
        ):
            with pytest.raises(BudgetExceededError, match="this call may cost"):
                await client.messages.create(**CLAUDE)

    asyncio.run(scene())
    assert len(provider.requests) == 1


def test_money_set_aside_is_free_again(instrumented: None, provider: FakeProvider, user: Shell) -> None:
    """After an answer, an error of the provider, and a server that is not there."""
    with track("Fix", budget=1, strict=True) as session, claude(provider) as client:
        client.messages.create(**CLAUDE)
        provider.script(
            wires.http(529, (("content-type", "application/json"),), b'{"type":"error","error":{"type":"x"}}')
        )
        with pytest.raises(anthropic.APIStatusError):
            client.messages.create(**CLAUDE)
        nowhere = anthropic.Anthropic(api_key="k", base_url="http://127.0.0.1:9", max_retries=0)
        with nowhere, pytest.raises(anthropic.APIConnectionError):
            nowhere.messages.create(**CLAUDE)
        (budget,) = user.ok("budget", "status", "--session", str(session.id), "--json")["budgets"]
        assert (budget["reservedUsd"], budget["callsUnderWay"], budget["spentUsd"]) == (0, 0, ANTHROPIC_USD)


def test_a_stream_that_is_left_is_a_lower_bound(instrumented: None, provider: FakeProvider) -> None:
    """Closed by the program, dropped by it, or cut by the provider: what was counted so far is kept."""
    with claude(provider) as client:
        with track("closed") as session, client.messages.create(**CLAUDE, stream=True) as stream:
            next(stream)
        assert status_of(session.summary) == "lower_bound"
        with track("dropped") as session:
            stream = client.messages.create(**CLAUDE, stream=True)
            next(stream)
            stream.close()
            del stream
            gc.collect()
        assert status_of(session.summary) == "lower_bound"
        provider.script(*wires.stream(wires.anthropic_events())[:4], End.CLOSE)
        with track("cut") as session, pytest.raises(httpx2.RemoteProtocolError):
            list(client.messages.create(**CLAUDE, stream=True))
        assert status_of(session.summary) == "lower_bound"


def test_a_call_without_an_answer_has_an_unknown_cost(instrumented: None, provider: FakeProvider, user: Shell) -> None:
    """The provider had the request when it hung up, or when the program wanted no more: it may bill it."""
    provider.script(End.CLOSE)
    with track("hung up", budget=1) as session, claude(provider) as client:
        with pytest.raises(anthropic.APIConnectionError):
            client.messages.create(**CLAUDE)
        assert status_of(session.end()) == "unknown"
    (budget,) = user.ok("budget", "status", "--session", str(session.id), "--json")["budgets"]
    assert (budget["callsUnderWay"], budget["callsHeld"]) == (0, 1)

    async def scene(ask: Callable[[], Awaitable[object]]) -> SessionSummary | None:
        provider.requests.clear()
        async with track("cancelled") as session:
            asked = asyncio.ensure_future(ask())
            while not provider.requests:
                await asyncio.sleep(0.005)
            asked.cancel()
            await asyncio.wait([asked])
        return session.summary

    async def with_httpx() -> None:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url) as client:
            await client.messages.create(**CLAUDE)

    async def with_aiohttp() -> None:
        async with aiohttp.ClientSession() as client:
            await client.post(f"{provider.url}/v1/messages", json=CLAUDE)

    provider.script(threading.Event())
    for ask in (with_httpx, with_aiohttp):
        assert status_of(asyncio.run(scene(ask))) == "unknown"


def status_of(summary: SessionSummary | None) -> str:
    """How the cost of the one call is known."""
    assert summary is not None
    (call,) = summary.ai_usage
    return call.cost_status


def test_uninstrument_leaves_everything_as_it_was(user: Shell, provider: FakeProvider) -> None:
    """Also after instrumenting twice; a session then sees only what it is told."""
    found = (httpx2.Client.send, httpx2.AsyncClient.send, aiohttp.ClientSession._request)
    instrument()
    instrument()
    assert httpx2.Client.send is not found[0]
    uninstrument()
    uninstrument()
    assert (httpx2.Client.send, httpx2.AsyncClient.send, aiohttp.ClientSession._request) == found
    with claude(provider) as client, track("Fix") as session:
        client.messages.create(**CLAUDE)
        assert session.spent == 0


def test_callbacks_hear_of_watched_calls(instrumented: None, provider: FakeProvider) -> None:
    """As of those that are logged."""
    told: list[Any] = []
    with claude(provider) as client, track("Fix", on_ai_usage=lambda *figures: told.append(figures)):
        client.messages.create(**CLAUDE)
    assert told == [(ANTHROPIC_USD, ANTHROPIC_USD, "claude-sonnet-4-5-20250929")]


def test_nested_sessions_each_get_their_own_calls(instrumented: None, provider: FakeProvider) -> None:
    """The innermost is meant; parallel tasks do not mix."""

    async def work(client: anthropic.AsyncAnthropic, calls: int) -> float:
        async with track(f"{calls}") as session:
            for _ in range(calls):
                await client.messages.create(**CLAUDE)
            return session.spent

    async def scene() -> list[float]:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url) as client, track("outer") as outer:
            spent = await asyncio.gather(*(work(client, calls) for calls in (1, 2, 3)))
            await client.messages.create(**CLAUDE)
            return [*spent, outer.spent]

    assert asyncio.run(scene()) == [round(n * ANTHROPIC_USD, 10) for n in (1, 2, 3, 1)]


def test_a_ledger_in_trouble_does_not_touch_the_call(
    instrumented: None, provider: FakeProvider, user: Shell, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer comes; the program hears of it once."""
    with claude(provider) as client, track("Fix", budget=1) as session:
        session._core.worker.run(lambda app: app.close())
        for _ in range(3):
            assert client.messages.create(**CLAUDE).content
    assert len([record for record in caplog.records if record.name == "codesession"]) == 1


def test_under_cs_run_the_proxy_counts_for_the_inner_session(provider: FakeProvider, user: Shell) -> None:
    """The program's own session gets its calls, the run keeps the others, and none is counted twice."""
    program = user.cwd / "program.py"
    program.write_text(
        "import anthropic\n"
        "from codesession import instrument, track\n"
        "instrument()\n"
        "client = anthropic.Anthropic(api_key='k')\n"
        f"asked = {CLAUDE!r}\n"
        "with track('inner', budget=1):\n"
        "    client.messages.create(**asked)\n"
    )
    import sys

    answer = user.cs(
        "run", "--name", "run", "--", sys.executable, str(program), env={"CODESESSION_UPSTREAM_ANTHROPIC": provider.url}
    )
    assert answer.code == 0, answer
    costs = {session["name"]: session["aiCost"] for session in user.ok("list", "--json")}
    assert costs == {"inner": ANTHROPIC_USD, "run": 0}
    (row,) = user.ok("report", "model", "--json")["rows"]
    assert row["calls"] == 1
