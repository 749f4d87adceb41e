"""Results of batches that a program fetches by its SDK, which need not go through the proxy."""

from __future__ import annotations

import asyncio

import anthropic
import openai

from codesession import SessionSummary, track
from support import wires
from support.batches import anthropic_line, line, openai_line
from support.fake_provider import FakeProvider, Script, SeenRequest


def serve(provider: FakeProvider, results: bytes) -> None:
    """A batch that has ended, and its results."""
    where = f"{provider.url}/v1/messages/batches/b_1/results"
    batch = {"id": "b_1", "object": "batch", "processing_status": "ended", "results_url": where}

    def respond(request: SeenRequest) -> Script:
        if request.target.endswith(("/results", "/content")):
            return [wires.http(200, [("content-type", "application/x-jsonl")], results)]
        body = line({**batch, "output_file_id": "file-1"})
        return [wires.http(200, [("content-type", "application/json")], body)]

    provider.respond = respond


def costs(summary: SessionSummary | None) -> list[tuple[str, float | None]]:
    assert summary is not None
    return [(call.model, call.cost) for call in summary.ai_usage]


def test_anthropic_fetches_results_where_the_batch_says(instrumented: None, provider: FakeProvider) -> None:
    """Each message is a call, the batch itself costs nothing any more; again, nothing is new."""
    serve(provider, anthropic_line(1) + anthropic_line(2, "expired"))
    with anthropic.Anthropic(api_key="k", base_url=provider.url) as client, track("batch") as session:
        client.messages.batches.create(requests=[])
        for _ in range(2):
            assert len(list(client.messages.batches.results("b_1"))) == 2
    assert costs(session.summary) == [("batch", 0), ("claude-sonnet-5", 0.0015)]


def test_a_program_that_listens_is_told_of_each_call_once(instrumented: None, provider: FakeProvider) -> None:
    """In its own thread, when the results are over."""
    serve(provider, anthropic_line(1) + anthropic_line(2))
    told: list[tuple[float | None, float, str]] = []
    with (
        anthropic.Anthropic(api_key="k", base_url=provider.url) as client,
        track("batch", on_ai_usage=lambda *call: told.append(call)),
    ):
        client.messages.batches.create(requests=[])
        for _ in range(2):
            list(client.messages.batches.results("b_1"))
    assert told == [(None, 0, "batch"), (0.0015, 0.003, "claude-sonnet-5"), (0.0015, 0.003, "claude-sonnet-5")]


def test_openai_names_the_file_before_it_is_fetched(instrumented: None, provider: FakeProvider) -> None:
    """In an event loop as well."""
    serve(provider, openai_line(1))

    async def scene() -> None:
        base_url = f"{provider.url}/v1"
        async with openai.AsyncOpenAI(api_key="k", base_url=base_url) as client, track("batch") as session:
            await client.batches.create(input_file_id="f", endpoint="/v1/chat/completions", completion_window="24h")
            made = await client.batches.retrieve("b_1")
            assert (await client.files.content(str(made.output_file_id))).content == openai_line(1)
        assert costs(session.summary) == [("batch", 0), ("gpt-5.1", 0.001125)]

    asyncio.run(scene())


def test_a_program_that_stops_reading_has_fetched_what_it_read(instrumented: None, provider: FakeProvider) -> None:
    """The batch stays unknown."""
    serve(provider, anthropic_line(1) + b" " * 200_000 + anthropic_line(2))
    with anthropic.Anthropic(api_key="k", base_url=provider.url) as client, track("batch") as session:
        client.messages.batches.create(requests=[])
        results = client.messages.batches.results("b_1")
        next(iter(results))
        results.http_response.close()
    assert costs(session.summary) == [("batch", None), ("claude-sonnet-5", 0.0015)]
