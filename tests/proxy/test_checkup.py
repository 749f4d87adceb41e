"""The check-up proves what is true, and fails when it is not."""

from __future__ import annotations

import pytest

from codesession.domain.finding import Verdict
from codesession.proxy import checkup, exchange
from codesession.proxy.answer import Answer
from codesession.proxy.checkup import difference, run_checkup
from codesession.proxy.echo import Echo


@pytest.mark.parametrize("inject_usage", [True, False])
def test_a_sound_proxy_passes_every_check(inject_usage: bool) -> None:
    """With the usage option on and off; each line has figures."""
    findings = run_checkup(inject_usage=inject_usage)
    assert [f.verdict for f in findings] == [Verdict.PASS] * len(findings), findings
    assert {f.name for f in findings} >= {"bytes", "headers", "latency", "stream", "counting", "strangers"}


def verdicts() -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in run_checkup(inject_usage=True)}


def test_a_changed_header_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is added, lost or out of order."""
    real = exchange.request_headers
    monkeypatch.setattr(exchange, "request_headers", lambda *a, **k: [*real(*a, **k), ("via", "us")])
    assert verdicts()["headers"] is Verdict.FAIL


def test_a_changed_byte_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a million."""
    real = exchange.RequestBody.payload

    def payload(self: exchange.RequestBody) -> object:
        if self.whole and len(self.data) > 1000:
            self.data = self.data[:500] + b"!" + self.data[501:]
        return real(self)

    monkeypatch.setattr(exchange.RequestBody, "payload", payload)
    found = verdicts()
    assert found["bytes"] is Verdict.FAIL
    assert found["headers"] is Verdict.PASS


def test_a_stream_that_is_held_back_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything arrives, but only at the end."""

    class Holding(Answer):
        held = b""

        def _pass(self, chunk: bytes) -> None:
            self.held += chunk
            if self._response.ended:
                super()._pass(self.held)

    monkeypatch.setattr(exchange, "Answer", Holding)
    found = verdicts()
    assert found["stream"] is Verdict.FAIL
    assert (found["bytes"], found["headers"]) == (Verdict.PASS, Verdict.PASS)


def test_a_check_that_breaks_is_a_fail_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are still made."""

    def broken(_: object) -> None:
        raise OSError("no route")

    monkeypatch.setitem(checkup._CHECKS, "bytes", broken)  # type: ignore[arg-type]  # the test's own
    found = verdicts()
    assert found.pop("bytes") is Verdict.FAIL
    assert set(found.values()) == {Verdict.PASS}


def test_headers_are_compared_by_value_and_order_of_their_own_name() -> None:
    """Headers of one connection are left out."""
    sent = [("a", "1"), ("a", "2"), ("host", "x"), ("b", "é")]
    assert difference(sent, [("b", "é".encode().decode("latin-1")), ("a", "1"), ("a", "2")]) == []
    assert difference(sent, [("a", "2"), ("a", "1")]) == ["a", "b"]


def test_the_echo_returns_what_it_got() -> None:
    """Without anybody between."""
    with Echo() as echo:
        answer = checkup.ask(echo.port, "POST", "/x?y", b"body", [("x-one", "1")])
    assert answer.body == b"body"
    assert (echo.seen[0].target, echo.seen[0].body, ("x-one", "1") in echo.seen[0].headers) == ("/x?y", b"body", True)
