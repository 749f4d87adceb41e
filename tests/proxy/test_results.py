"""Results of batches through the proxy: the client's bytes as they were, a call for each request."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import anthropic
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Source
from codesession.domain.usage import ModelResponse
from codesession.providers.batches import Told
from codesession.proxy.connection import Response
from codesession.proxy.results import observed
from codesession.services.batches import NOT_DATED
from support import wires
from support.batches import anthropic_line, gemini_line, line, openai_line
from support.fake_provider import End, FakeProvider, Script, SeenRequest
from support.proxies import RunningProxy

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")

JSONL = [("content-type", "application/x-jsonl")]
RESULTS = "/s/7/anthropic/v1/messages/batches/msgbatch_1/results"
LINES = b"".join(map(anthropic_line, range(3)))


def answer(provider: FakeProvider, answers: dict[str, bytes]) -> None:
    """Answer paths by their ends."""

    def respond(request: SeenRequest) -> Script:
        path = request.target.partition("?")[0]
        return [wires.http(200, JSONL, next(body for end, body in answers.items() if path.endswith(end)))]

    provider.respond = respond


def ids(proxy: RunningProxy, count: int) -> list[str | None]:
    return [seen.response.response_id for seen in proxy.recorder.wait(count)]


def test_each_request_is_a_call_of_the_session(proxy: RunningProxy, provider: FakeProvider) -> None:
    """And at last the batch is told."""
    provider.script(wires.http(200, JSONL, LINES))
    assert proxy.call("GET", RESULTS)[2] == LINES
    assert ids(proxy, 4) == ["msg_0", "msg_1", "msg_2", "msgbatch_1"]
    first = proxy.recorder.seen[0]
    assert (first.context.session_id, first.context.batch_id) == (7, "msgbatch_1")
    assert first.response.warnings == (NOT_DATED,)
    assert first.response.provider_name == "anthropic"


def test_a_compressed_answer_is_read_too(proxy: RunningProxy, provider: FakeProvider) -> None:
    """The client gets it compressed."""
    packed = gzip.compress(LINES)
    provider.script(wires.http(200, [*JSONL, ("content-encoding", "gzip")], packed))
    assert proxy.call("GET", RESULTS)[2] == packed
    assert len(ids(proxy, 4)) == 4


def test_results_come_slower_while_too_many_calls_wait(
    proxy: RunningProxy, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded, and the end of a run finds few calls unwritten. No byte is lost, nothing waits for ever."""
    monkeypatch.setattr("codesession.proxy.answer._BREATH_S", 0.001)
    monkeypatch.setattr(type(proxy.recorder), "waiting", 1_000_000)
    held: list[bool] = []
    hold = Response.hold
    monkeypatch.setattr(Response, "hold", lambda response: (held.append(True), hold(response)))
    results = b"".join(map(anthropic_line, range(2_000)))
    provider.script(wires.http(200, JSONL, results))
    assert proxy.call("GET", RESULTS)[2] == results
    assert len(ids(proxy, 2_001)) == 2_001
    assert held


def test_a_download_that_breaks_off_counts_what_came(proxy: RunningProxy, provider: FakeProvider) -> None:
    """And does not tell the batch."""
    broken = wires.http(200, JSONL, LINES)[:-20]
    provider.script(broken, End.CLOSE)
    with pytest.raises(Exception, match="IncompleteRead"):
        proxy.call("GET", RESULTS)
    assert ids(proxy, 2) == ["msg_0", "msg_1"]
    time.sleep(0.02)
    assert len(proxy.recorder.seen) == 2


@pytest.mark.parametrize(("status", "body"), [(404, b'{"type":"error"}'), (416, b"")])
def test_a_refused_download_is_nothing(proxy: RunningProxy, provider: FakeProvider, status: int, body: bytes) -> None:
    """Nothing is told."""
    provider.script(wires.http(status, JSONL, body))
    assert proxy.call("GET", RESULTS)[0] == status
    assert proxy.recorder.none()


def test_a_file_of_something_else_passes(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Whatever it is."""
    provider.script(wires.http(200, [], b"%PDF\n" + openai_line(1)))
    assert proxy.call("GET", "/s/7/openai/v1/files/file-1/content")[2].startswith(b"%PDF")
    assert proxy.recorder.none()


def openai_scene(proxy: RunningProxy) -> None:
    with openai.OpenAI(api_key="k", base_url=f"{proxy.url}/s/7/openai/v1", max_retries=0) as client:
        client.batches.create(input_file_id="file-0", endpoint="/v1/chat/completions", completion_window="24h")
        made = client.batches.retrieve("batch_1")
        assert made.output_file_id is not None
        assert client.files.content(made.output_file_id).text == openai_line(1).decode()


def anthropic_scene(proxy: RunningProxy) -> None:
    with anthropic.Anthropic(api_key="k", base_url=f"{proxy.url}/s/7/anthropic", max_retries=0) as client:
        client.messages.batches.create(requests=[])
        (result,) = client.messages.batches.results("batch_1")
        assert result.result.type == "succeeded"


def mistral_scene(proxy: RunningProxy) -> None:
    with Mistral(api_key="k", server_url=f"{proxy.url}/s/7/mistral") as client:
        client.batch.jobs.create(endpoint="/v1/chat/completions", input_files=["3fa85f64-5717-4562-b3fc-2c963f66afa6"])
        made = client.batch.jobs.get(job_id="batch_1")
        assert client.files.download(file_id=str(made.output_file)).read() == openai_line(1)


def gemini_scene(proxy: RunningProxy) -> None:
    options = {"base_url": f"{proxy.url}/s/7/google"}
    with genai.Client(api_key="k", http_options=options) as client:
        client.batches.create(model="gemini-3-pro", src="files/abc")
        made = client.batches.get(name="batches/batch_1")
        assert made.dest is not None
        assert client.files.download(file=made.dest.file_name).strip()


def openai_batch() -> bytes:
    value = {"id": "batch_1", "object": "batch", "status": "completed", "output_file_id": "file-1"}
    return line({**value, "endpoint": "/v1/chat/completions", "created_at": 1, "completion_window": "24h"})


def mistral_batch() -> bytes:
    counts = dict.fromkeys(("total_requests", "completed_requests", "succeeded_requests", "failed_requests"), 1)
    value = {"id": "batch_1", "object": "batch", "status": "SUCCESS", "output_file": "file-1", "errors": []}
    return line({**value, **counts, "input_files": [], "endpoint": "/v1/chat/completions", "created_at": 1})


def gemini_batch() -> bytes:
    state = {"state": "BATCH_STATE_SUCCEEDED", "output": {"responsesFile": "files/abc"}}
    return line({"name": "batches/batch_1", "metadata": {**state, "model": "models/gemini-3-pro"}, "done": True})


@pytest.mark.parametrize(
    ("scene", "batch", "results", "call"),
    [
        (openai_scene, openai_batch, openai_line(1), "chatcmpl-1"),
        (anthropic_scene, None, anthropic_line(1), "msg_1"),
        (mistral_scene, mistral_batch, openai_line(1), "chatcmpl-1"),
        (gemini_scene, gemini_batch, line(gemini_line(1)), "r1"),
    ],
)
def test_real_sdks(
    proxy: RunningProxy,
    provider: FakeProvider,
    scene: Callable[[RunningProxy], None],
    batch: Callable[[], bytes] | None,
    results: bytes,
    call: str,
) -> None:
    """Made, asked for, fetched: the batch by its name, its request, and that it was all."""
    ends = ("/results", "/content", ":download")

    def respond(request: SeenRequest) -> Script:
        if request.target.partition("?")[0].endswith(ends):
            return [wires.http(200, [("content-type", "application/octet-stream")], results)]
        where = f"{proxy.url}/s/7/anthropic/v1/messages/batches/batch_1/results"
        body = batch() if batch else line({"id": "batch_1", "processing_status": "ended", "results_url": where})
        return [wires.http(200, [("content-type", "application/json")], body)]

    provider.respond = respond
    scene(proxy)
    seen = proxy.recorder.wait(3)
    made, request, told = seen
    name = made.response.response_id
    assert (name or "").removeprefix("batches/") == "batch_1"
    assert (request.response.response_id, request.context.batch_id, told.response.response_id) == (call, name, name)
    assert len({each.response.provider_name for each in seen}) == 1
    assert {each.context.session_id for each in seen} == {7}


def test_an_answer_says_when_it_was_made_or_it_is_a_doubt() -> None:
    """A clock that is far off is not believed."""
    now = 1_795_000_000_000
    fetched = CallContext(source=Source.PROXY, started_at_ms=now, request_id="of the download")
    told = Told(response=ModelResponse(provider_name="openai", api="openai.chat"), batch_id="b", created_ms=now - 1)
    context = replace(fetched, batch_id="b", request_id=None)
    dated = observed(told, fetched)
    assert (dated.context, dated.response) == (replace(context, started_at_ms=now - 1), told.response)
    for created_ms in (None, 0, now + 1):
        doubted = observed(replace(told, created_ms=created_ms), fetched)
        assert (doubted.context, doubted.response.warnings) == (context, (NOT_DATED,))
