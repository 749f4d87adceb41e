"""Asking a configured upstream directly and through the proxy."""

from __future__ import annotations

import socket

from codesession.domain.finding import Verdict
from codesession.proxy import probe as module
from codesession.proxy.checkup import Answer
from codesession.proxy.probe import probe
from codesession.proxy.upstreams import Upstream, configured_upstreams
from support import wires
from support.fake_provider import FakeProvider


def gateway(url: str) -> Upstream:
    return configured_upstreams({"anthropic": url})["anthropic"]


def test_a_gateway_that_answers_the_same_both_ways_passes(provider: FakeProvider) -> None:
    """A refusal is an answer too; no key is sent, nothing is billed."""
    body = b'{"error": "no key"}'
    provider.script(wires.http(401, (("content-type", "application/json"), ("request-id", "r")), body))
    (finding,) = probe(gateway(provider.url + "/base"))
    assert finding.verdict is Verdict.PASS
    assert finding.facts["status"] == 401
    assert [request.method for request in provider.requests] == ["GET", "GET"]
    assert {request.target for request in provider.requests} == {"/base/v1/models"}
    for request in provider.requests:
        assert not any(name.lower() in ("authorization", "x-api-key") for name, _ in request.headers)


def test_a_redirect_is_compared_and_not_followed(provider: FakeProvider) -> None:
    """Where it leads is not in the user's settings."""
    provider.script(wires.http(302, (("location", "https://elsewhere.example/"),), b""))
    (finding,) = probe(gateway(provider.url))
    assert finding.facts["status"] == 302


def test_an_upstream_that_cannot_be_reached_is_a_fail() -> None:
    """With its address, and what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    (finding,) = probe(gateway(f"http://127.0.0.1:{port}"))
    assert finding.verdict is Verdict.FAIL
    assert str(port) in finding.text
    assert finding.hint


def test_another_status_or_a_lost_header_shows() -> None:
    """A status fails, a header warns: load balancers answer with different ones."""
    direct = Answer(200, [("x-one", "1"), ("date", "now")], b"")
    assert module._compared("u", "url", direct, Answer(502, [], b""), 5).verdict is Verdict.FAIL
    lost = module._compared("u", "url", direct, Answer(200, [], b""), 5)
    assert (lost.verdict, lost.facts["lost"]) == (Verdict.WARN, ["x-one"])


def test_an_endpoint_that_speaks_plainly_or_answers_strangely_is_remarked() -> None:
    """Http beyond this machine, a coding nobody here can read, a server that is down."""
    plain = gateway("http://gateway.example")
    remarks = module._remarks("u", plain, Answer(503, [("content-encoding", "secret-sauce")], b""))
    assert len(remarks) == 3
    assert all(remark.verdict is Verdict.WARN for remark in remarks)
    assert module._remarks("u", gateway("http://127.0.0.1:1"), Answer(200, [], b"")) == []
