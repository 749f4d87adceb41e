"""
Batches: which one an answer names, and what each of its requests cost, once its results are fetched.

Results are one JSON object per line, in any order: Anthropic's have the message under `result`, OpenAI's and
Mistral's the whole answer under `response`, Gemini's the response beside its `key` (or inlined in the batch itself).
Requests that failed, expired or were cancelled are not billed. Sources: platform.claude.com/docs,
build-with-claude/batch-processing; developers.openai.com/api/docs/guides/batch; docs.mistral.ai, batch inference;
ai.google.dev/gemini-api/docs/batch-api.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from codesession.domain.digests import digest
from codesession.domain.facts import fact, replace
from codesession.domain.usage import ModelResponse
from codesession.providers.base import Json, RequestFacts, StreamParser, respond
from codesession.providers.counting import Findings, text, whole_number
from codesession.providers.jsonstream import LinesDecoder
from codesession.providers.openai_chat import OpenAIChatParser
from codesession.providers.registry import parser_for
from codesession.providers.routes import Route

MAX_BATCH_BYTES = 8 * 1024 * 1024
"""A larger answer about a batch, with its results inlined, is not read."""
_KEPT_FILES = 1_000
"""Files of results that are known by their batch; with more, the oldest are forgotten."""
_NAMES = ("custom_id", "key")
_OUTCOMES = frozenset(("result", "response", "error"))
_NAME_MARKS = tuple(f'"{name}"'.encode() for name in _NAMES)
_UNFINISHED = ("QUEUED", "RUNNING", "CANCELLATION_REQUESTED")
_BLANK = b" \t\r\n\xef\xbb\xbf"


@fact(frozen=True, slots=True, kw_only=True)
class Told:
    """What results say of one request, or (`response_id` is `batch_id`, no usage) that all of the batch is told."""

    response: ModelResponse
    batch_id: str | None
    created_ms: int | None = None
    """When the answer was made, where it says so."""
    request_id: str | None = None


class BatchFiles:
    """Which batch made which file of results, as answers about batches say."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str], str] = {}

    def learn(self, biller: str | None, file_id: str, batch_id: str) -> None:
        """A file belongs to a batch."""
        self._known[biller, _bare(file_id)] = batch_id
        if len(self._known) > _KEPT_FILES:
            del self._known[next(iter(self._known))]

    def batch_of(self, biller: str | None, file_id: str) -> str | None:
        """None where nobody has said so."""
        return self._known.get((biller, _bare(file_id)))


class ResultsReader:
    """
    Feed the body of an answer that may hold results as it comes; `tell` is called for each request that succeeded.

    It keeps one line, never more. `partial`: the answer is a piece of the file, so that it may begin within a line and
    does not tell of the whole batch.
    """

    def __init__(
        self, route: Route, request: RequestFacts, files: BatchFiles, tell: Callable[[Told], None], *, partial: bool
    ) -> None:
        biller = request.named_biller
        named = route.batch_id or ""
        self._batch_id = route.batch_id or files.batch_of(biller, route.file_id or "")
        self._results = _Results(request, route.api, self._batch_id, named or route.file_id or "", tell)
        self._partial = partial
        self._lines = LinesDecoder()
        self._begun = False
        self._is_known = False
        self._is_other = False
        """The file holds no results: the first line that could be read was none of them."""
        self._unread = 0

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        if not (self._is_known or self._partial) and (head := chunk.lstrip(_BLANK)) and not self._begun:
            self._begun, self._is_other = True, not head.startswith(b"{")
        if not self._is_other:
            self._read(self._lines.feed(chunk))

    def finish(self, complete: bool) -> None:
        """The answer is over; `complete`: it came to its end."""
        if self._is_other:
            return
        self._read(self._lines.close())
        if complete and not (self._partial or self._is_other or self._unread or self._lines.skipped):
            self._results.close()

    def _read(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            value = _value(line) if any(mark in line for mark in _NAME_MARKS) else None
            if value is not None and not _OUTCOMES.isdisjoint(value) and any(name in value for name in _NAMES):
                self._is_known = True
                self._results.read(value)
                continue
            self._unread += 1
            if not self._is_known and not (self._partial and self._unread == 1):
                self._is_other = True
                return


class BatchReader:
    """The answer about a batch, or a list of them: which files hold results, and those that are inlined."""

    def __init__(self, route: Route, request: RequestFacts, files: BatchFiles, tell: Callable[[Told], None]) -> None:
        self._route = route
        self._request = request
        self._files = files
        self._tell = tell
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        self._size += len(chunk)
        if self._size > MAX_BATCH_BYTES:
            self._pieces.clear()
        else:
            self._pieces.append(chunk)

    def finish(self, complete: bool) -> None:
        """The answer is over."""
        body = _value(b"".join(self._pieces)) if complete else None
        for batch in _batches(body or {}):
            if (batch_id := batch_name(batch)) is not None:
                self._learn(batch, batch_id)

    def _learn(self, batch: Json, batch_id: str) -> None:
        for place in (batch, _child(batch, "response"), _child(_child(batch, "metadata"), "output")):
            for name in ("output_file_id", "output_file", "responsesFile"):
                if file_id := text(place, name):
                    self._files.learn(self._request.named_biller, file_id, batch_id)
            if (lines := _inlined(place)) is not None:
                results = _Results(self._request, self._route.api, batch_id, batch_id, self._tell)
                for line in lines:
                    results.read(line)
                if batch.get("status") not in _UNFINISHED:
                    results.close()
                return


class BatchParser:
    """What is answered when a batch is made: its name, and nothing of its cost."""

    def __init__(self, api: str) -> None:
        self.api = api

    def recognises(self, body: Json) -> bool:
        """Anything with a name."""
        return batch_name(body) is not None

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """A call without usage, known by the batch."""
        return self.parse_usage(None, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """The same; no usage is believed."""
        return _batch_call(batch_name(response), self.api, request)

    def stream(self, request: RequestFacts) -> StreamParser:
        """It is not streamed."""
        return OpenAIChatParser(self.api).stream(request)


def batch_name(body: Json) -> str | None:
    """`id`, or Google's `name`."""
    return text(body, "id", "name") if "error" not in body or body["error"] is None else None


class _Results:
    """The requests of one batch."""

    def __init__(
        self, request: RequestFacts, api: str, batch_id: str | None, source: str, tell: Callable[[Told], None]
    ) -> None:
        self._request = replace(request, batch=True, request_model=None)
        self._api = api
        self._batch_id = batch_id
        self._source = source
        self._tell = tell

    def read(self, line: Json) -> None:
        """Tells of a request that succeeded; others cost nothing."""
        body, api, request_id = _succeeded(line)
        parser = parser_for(None, api) if body else None
        if parser is None or ("results" in body and "usage" not in body):  # moderations are free
            return
        request = replace(self._request, api=api)
        if not text(body, "id", "responseId"):
            request = replace(request, response_id=self._derived_id(line))
        response = parser.parse_body(body, request=request)
        created = whole_number(body.get("created")) or whole_number(body.get("created_at"))
        self._tell(
            Told(
                response=response,
                batch_id=self._batch_id,
                created_ms=created and created * 1000,
                request_id=request_id,
            )
        )

    def close(self) -> None:
        """All of the batch is told, where it is known which."""
        if self._batch_id is not None:
            response = _batch_call(self._batch_id, self._api, self._request)
            self._tell(Told(response=response, batch_id=self._batch_id))

    def _derived_id(self, line: Json) -> str:
        """Of an answer without an id (embeddings): the same however often it is fetched."""
        own = text(line, "id") or f"{self._source} {text(line, *_NAMES)}"
        return f"~batch:{digest(own.encode('utf-8', 'replace'), 16)}"


def _succeeded(line: Json) -> tuple[Json, str | None, str | None]:
    """The answer that a line holds (empty for none), its wire format, and the provider's id of the HTTP request."""
    result, response = _child(line, "result"), _child(line, "response")
    if result:
        return (_child(result, "message") if result.get("type") == "succeeded" else {}), "anthropic.messages", None
    if "status_code" not in response:
        return response, "gemini.generate_content", None
    body = _child(response, "body") if response["status_code"] == 200 else {}
    return body, _openai_api(body), text(response, "request_id")


def _openai_api(body: Json) -> str:
    kind = body.get("object")
    if kind == "response":
        return "openai.responses"
    if kind == "list":
        return "openai.embeddings"
    return "openai.images" if "data" in body else "openai.chat"


def _batch_call(batch_id: str | None, api: str, request: RequestFacts) -> ModelResponse:
    """Only Google names one model for all of a batch; the other ones' requests may each have another."""
    request = replace(request, request_model=request.request_model or "batch")
    facts, nothing = request.billing(), Findings()
    home = api.partition(".")[0].replace("gemini", "google")
    return respond(request, {"id": batch_id}, api=api, home=home, parts=(), facts=facts, findings=nothing)


def _inlined(place: Json) -> list[Json] | None:
    """Results that an answer about a batch holds: Mistral's lines, or Google's with keys as their file has them."""
    lines = place.get("outputs")
    if isinstance(lines, list) and lines:
        return [_mapping(line) for line in lines]
    for name in ("inlinedResponses", "inlinedEmbedContentResponses"):
        lines = _child(place, name).get("inlinedResponses")
        if isinstance(lines, list) and lines:
            each = enumerate(map(_mapping, lines))
            return [{"key": str(number), **line, **_child(line, "metadata")} for number, line in each]
    return None


def _batches(body: Json) -> list[Json]:
    """One, or those of a list."""
    listed = next((found for name in ("data", "operations") if isinstance(found := body.get(name), list)), None)
    return [body] if listed is None else [_mapping(each) for each in listed]


def _bare(file_id: str) -> str:
    """Google's `files/abc` is `abc` in paths."""
    return file_id.rpartition("/")[2]


def _child(source: Json, name: str) -> Json:
    return _mapping(source.get(name))


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _value(line: bytes) -> Json | None:
    try:
        value = json.loads(line.strip(_BLANK))
    except (ValueError, RecursionError):  # half a line, or a file of something else
        return None
    return value if isinstance(value, Mapping) else None
