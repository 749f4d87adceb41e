"""Results of batches: each request that succeeded, and nothing else, whatever way the bytes come."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codesession.providers.base import RequestFacts
from codesession.providers.batches import BatchFiles, BatchParser, BatchReader, ResultsReader, Told
from codesession.providers.routes import Route, match_route
from support.batches import anthropic_line, gemini_line, line, openai_line

FACTS = RequestFacts(provider_name="openai")
FILES = "/v1/files/file-1/content"


def route(path: str) -> Route:
    found = match_route("GET", path)
    assert found is not None
    return found


def read(
    body: bytes,
    path: str = FILES,
    *,
    size: int = 1 << 20,
    complete: bool = True,
    partial: bool = False,
    files: BatchFiles | None = None,
    facts: RequestFacts = FACTS,
) -> list[Told]:
    """What results say, fed in pieces."""
    told: list[Told] = []
    reader = ResultsReader(route(path), facts, files or BatchFiles(), told.append, partial=partial)
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    reader.finish(complete)
    return told


def ids(told: list[Told]) -> list[str | None]:
    return [each.response.response_id for each in told]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_anthropic_tells_each_message_and_that_these_were_all(size: int) -> None:
    """What failed, expired or was cancelled costs nothing."""
    failed = b"".join(anthropic_line(9, kind) for kind in ("errored", "canceled", "expired"))
    body = anthropic_line(1) + failed + anthropic_line(2)
    told = read(body, "/v1/messages/batches/msgbatch_1/results", size=size, facts=RequestFacts())
    assert ids(told) == ["msg_1", "msg_2", "msgbatch_1"]
    assert {each.batch_id for each in told} == {"msgbatch_1"}
    message, usage = told[0].response, told[0].response.usage
    assert usage is not None
    assert (message.provider_name, message.api, message.facts.batch) == ("anthropic", "anthropic.messages", True)
    assert (usage.input_tokens, usage.output_tokens) == (1_000, 100)
    assert told[-1].response.usage is None


def test_a_file_of_openai_holds_answers_of_every_kind() -> None:
    """Embeddings have no id: the line's is as good. Moderations are free."""
    usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
    response = {"id": "resp_1", "object": "response", "created_at": 1_795_000_000, "model": "gpt-5.1", "usage": usage}
    embedding = {"object": "list", "data": [], "model": "text-embedding-3-small", "usage": {"prompt_tokens": 8}}
    moderation = {"id": "modr-1", "model": "omni-moderation", "results": []}
    told = read(
        openai_line(1)
        + openai_line(2, response)
        + openai_line(3, embedding)
        + openai_line(4, moderation)
        + openai_line(5, {"error": {"message": "x"}}, status=400)
        + line({"id": "batch_req_6", "custom_id": "c6", "response": None, "error": {"code": "batch_expired"}})
        + openai_line(3, embedding)
    )
    assert [each.response.api for each in told] == [
        *("openai.chat", "openai.responses", "openai.embeddings", "openai.embeddings")
    ]
    assert ids(told)[:2] == ["chatcmpl-1", "resp_1"]
    derived = ids(told)[2]
    assert derived is not None
    assert derived.startswith("~batch:")
    assert ids(told)[3] == derived
    assert (told[0].request_id, told[1].created_ms) == ("req_1", 1_795_000_000_000)
    assert told[0].response.facts.batch


def test_a_success_that_tells_no_usage_is_a_call_of_unknown_cost() -> None:
    """Scanned pages, films."""
    (told,) = read(openai_line(1, {"pages": [], "model": "mistral-ocr"}))
    assert told.response.parts == ()
    assert told.batch_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n" + openai_line(1),
        b"{\n" + openai_line(1),
        b'{"prompt":"x"}\n' + openai_line(1),
        line({"custom_id": "c", "method": "POST", "url": "/v1/responses", "body": {}}) + openai_line(1),
        b'["custom_id"]\n' + openai_line(1),
        b"",
    ],
)
def test_of_another_file_nothing_but_its_first_line_is_read(body: bytes) -> None:
    """A document, pretty JSON, training data, what was sent in for a batch."""
    files = BatchFiles()
    files.learn("openai", "file-2", "batch_1")
    assert read(body, files=files) == []


def test_what_answers_about_batches_say_of_files_names_the_batch() -> None:
    """Only then is the batch told; by the provider that said so."""
    files = BatchFiles()
    told: list[Told] = []
    reader = BatchReader(route("/v1/batches"), FACTS, files, told.append)
    listed = {"data": [{"id": "batch_1", "output_file_id": "file-1"}, {"id": "batch_2", "output_file_id": None}, 3]}
    reader.feed(json.dumps(listed).encode())
    reader.finish(complete=True)
    assert told == []
    assert ids(read(openai_line(1), files=files)) == ["chatcmpl-1", "batch_1"]
    assert ids(read(openai_line(1), files=files, facts=RequestFacts(provider_name="mistral"))) == ["chatcmpl-1"]


def test_mistral_calls_its_file_otherwise() -> None:
    """And its path."""
    files, facts = BatchFiles(), RequestFacts(provider_name="mistral")
    reader = BatchReader(route("/v1/batch/jobs/job_1"), facts, files, [].append)
    reader.feed(b'{"id":"job_1","output_file":"file-1"}')
    reader.finish(complete=True)
    assert ids(read(openai_line(1), files=files, facts=facts)) == ["chatcmpl-1", "job_1"]


def test_mistral_gives_results_with_the_job_where_it_is_asked_to() -> None:
    """It is told when the job is over."""
    for status, names in (("RUNNING", ["chatcmpl-1"]), ("SUCCESS", ["chatcmpl-1", "job_1"])):
        told: list[Told] = []
        reader = BatchReader(route("/v1/batch/jobs/job_1?inline=true"), FACTS, BatchFiles(), told.append)
        job = {"id": "job_1", "status": status, "outputs": [json.loads(openai_line(1))]}
        reader.feed(json.dumps(job).encode())
        reader.finish(complete=True)
        assert ids(told) == names
    told = []
    reader = BatchReader(route("/v1/batch/jobs/job_1"), FACTS, BatchFiles(), told.append)
    reader.feed(b'{"id":"job_1","status":"SUCCESS","output_file":"file-1","outputs":[]}')
    reader.finish(complete=True)
    assert told == []


def test_an_answer_about_a_batch_that_is_too_large_or_broken_off_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests stay unknown."""
    monkeypatch.setattr("codesession.providers.batches.MAX_BATCH_BYTES", 1_000)
    job = line({"id": "job_1", "outputs": [json.loads(openai_line(1))]})
    for body, complete in ((job + b" " * 1_000, True), (job, False)):
        told: list[Told] = []
        reader = BatchReader(route("/v1/batch/jobs/job_1"), FACTS, BatchFiles(), told.append)
        reader.feed(body[:100])
        reader.feed(body[100:])
        reader.finish(complete)
        assert told == []


def test_files_that_nobody_fetches_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first."""
    monkeypatch.setattr("codesession.providers.batches._KEPT_FILES", 1)
    files = BatchFiles()
    files.learn("openai", "file-1", "batch_1")
    files.learn("openai", "file-2", "batch_2")
    assert (files.batch_of("openai", "file-1"), files.batch_of("openai", "file-2")) == (None, "batch_2")


def test_a_piece_of_the_results_tells_what_is_whole_in_it() -> None:
    """Broken off, or a range that begins and ends within lines: its requests count, the batch is not told."""
    path, body = "/v1/messages/batches/b/results", b"".join(map(anthropic_line, range(4)))
    assert ids(read(body[:-9], path, complete=False)) == ["msg_0", "msg_1", "msg_2"]
    assert ids(read(body[:-9], path)) == ["msg_0", "msg_1", "msg_2"]
    assert ids(read(body[9:-9], path, partial=True)) == ["msg_1", "msg_2"]
    assert ids(read(body, path, partial=True)) == ["msg_0", "msg_1", "msg_2", "msg_3"]


def inlined(place: dict[str, Any]) -> list[Told]:
    told: list[Told] = []
    reader = BatchReader(route("/v1beta/batches/b1"), RequestFacts(provider_name="google"), BatchFiles(), told.append)
    reader.feed(json.dumps({"name": "batches/b1", **place}).encode())
    reader.finish(complete=True)
    return told


def test_gemini_inlines_its_results_or_names_a_file() -> None:
    """In either place of the operation; what failed costs nothing."""
    results = {"inlinedResponses": {"inlinedResponses": [gemini_line(1), {"error": {"code": 13}}]}}
    assert ids(inlined({"response": results})) == ["r1", "batches/b1"]
    assert ids(inlined({"metadata": {"output": results}})) == ["r1", "batches/b1"]
    assert inlined({"metadata": {"state": "BATCH_STATE_RUNNING"}}) == []
    files, facts = BatchFiles(), RequestFacts(provider_name="google")
    reader = BatchReader(route("/v1beta/batches/b1"), facts, files, [].append)
    reader.feed(b'{"name":"batches/b1","response":{"responsesFile":"files/abc"}}')
    reader.finish(complete=True)
    body = line(gemini_line(1)) + line({"key": "k2", "error": {"code": 13}})
    told = read(body, "/download/v1beta/files/abc:download", files=files, facts=facts)
    assert ids(told) == ["r1", "batches/b1"]
    assert (told[0].response.api, told[0].response.facts.batch) == ("gemini.generate_content", True)


def test_answers_of_gemini_without_an_id_are_told_apart_by_their_keys() -> None:
    """The same each time."""
    responses = [{"response": gemini_line(1, responseId=None)["response"]} for _ in range(2)]
    place = {"response": {"inlinedResponses": {"inlinedResponses": responses}}}
    first, second, whole = ids(inlined(place))
    assert first != second
    assert ids(inlined(place)) == [first, second, whole]


def test_a_batch_is_a_call_known_by_its_name() -> None:
    """An error names none."""
    parser = BatchParser("openai.batches")
    made = parser.parse_body({"id": "batch_1", "error": None}, request=FACTS)
    assert (made.provider_name, made.response_id, made.parts) == ("openai", "batch_1", ())
    assert not parser.recognises({"error": {"message": "x"}, "id": "x"})
