"""The providers' knowledge as the proxy uses it."""

from __future__ import annotations

import gzip

import pytest

from codesession.proxy.calls import bills, family_of, find_call, read_demand, read_request
from codesession.proxy.upstreams import configured_upstreams

UPSTREAMS = configured_upstreams({"gateway": "https://gateway.example"})


@pytest.mark.parametrize(
    ("method", "path", "api"),
    [
        ("POST", "/v1/messages", "anthropic.messages"),
        ("POST", "/api/v1/chat/completions", "openai.chat"),
        ("POST", "/v1/messages/count_tokens", None),
        ("GET", "/v1/models", None),
    ],
)
def test_a_billed_call_is_found_by_its_path(method: str, path: str, api: str | None) -> None:
    """Wherever a gateway mounts it."""
    call = find_call(method, path, "https://gateway.example")
    assert (call.api if call else None) == api


def test_a_path_of_one_host_alone_names_who_bills() -> None:
    """Else the name before the path does."""
    vertex = find_call("POST", "/v1/projects/p/locations/eu/publishers/google/models/m:generateContent", "http://g")
    gemini = find_call("POST", "/v1beta/models/m:generateContent", "http://g")
    assert vertex is not None
    assert gemini is not None
    assert bills(vertex, UPSTREAMS["gateway"]) == "vertex"
    assert bills(gemini, UPSTREAMS["gateway"]) == "gateway"


def test_each_wire_has_the_error_shape_of_its_family() -> None:
    """What its clients can read."""
    apis = ("anthropic.messages", "anthropic.batches", "gemini.generate_content", "openai.chat", "ollama.chat")
    assert [family_of(api) for api in apis] == ["anthropic", "anthropic", "google", "openai", "openai"]


def test_a_request_is_read_packed_or_not() -> None:
    """Model, tier and limits; never its content."""
    body = b'{"model":"m","max_tokens":5,"messages":["secret"]}'
    for facts in (read_request(body, b""), read_request(gzip.compress(body), b"gzip")):
        assert (facts.model, facts.max_output_tokens) == ("m", 5)
        assert "secret" not in repr(facts)


def test_a_form_names_its_model() -> None:
    """Before its files or after them, whatever else its parts say of themselves."""
    part = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
    file = part % (b"file", b'; filename="a.wav"\r\nContent-Type: audio/wav', b"RIFF\x00name")
    model = part % (b"model", b"\r\nContent-Type: text/plain", b"gpt-4o-transcribe")
    for form in (file + model + b"--x--\r\n", model + file + b"--x--\r\n"):
        assert read_request(form, b"").model == "gpt-4o-transcribe"
        assert read_demand(form, b"")[0].model == "gpt-4o-transcribe"
    assert read_request(file + b"--x--\r\n", b"").model is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_request_that_cannot_be_read_says_nothing(body: bytes) -> None:
    """The provider judges it."""
    assert read_request(body, b"").model is None
    assert read_request(body, b"gzip").model is None
