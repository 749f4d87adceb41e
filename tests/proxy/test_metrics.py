"""`GET /metrics` on a running proxy: opt-in, for this machine, and never in the way of a call."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping

import pytest

from support.fake_provider import FakeProvider
from support.proxies import RunningProxy, StartProxy

SUMS = 'codesession_calls_total{provider="anthropic"} 3\n'


def scrape(proxy: RunningProxy, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Status, kind and text."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    try:
        connection.request("GET", "/metrics", headers=dict(headers or {}))
        got = connection.getresponse()
        return got.status, got.getheader("content-type") or "", got.read().decode()
    finally:
        connection.close()


def test_without_the_setting_there_is_no_such_path(proxy: RunningProxy, provider: FakeProvider) -> None:
    """And nothing is asked of a provider."""
    assert scrape(proxy)[0] == 404
    assert provider.requests == []


def test_with_it_the_sums_are_answered_as_text(start_proxy: StartProxy) -> None:
    """In the format that Prometheus asks for."""
    proxy = start_proxy(metrics=lambda: SUMS)
    assert scrape(proxy) == (200, "text/plain; version=0.0.4; charset=utf-8", SUMS)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_it_is_guarded_like_every_path(start_proxy: StartProxy, headers: dict[str, str], status: int) -> None:
    """What was spent is nobody else's business; nothing is added up for whoever is turned away."""
    asked: list[bool] = []

    def sums() -> str:
        asked.append(True)
        return SUMS

    assert scrape(start_proxy(metrics=sums), headers)[0] == status
    assert asked == []


def test_a_ledger_that_fails_fails_the_scrape_alone(start_proxy: StartProxy) -> None:
    """Without a word of what was wrong in the answer."""

    def broken() -> str:
        raise OSError("/home/ada/.codesession/sessions.db")

    proxy = start_proxy(metrics=broken)
    status, _, text = scrape(proxy)
    assert status == 503
    assert "ada" not in text
    assert proxy.server.diagnostics.counts["metrics_failed"] == 1


def test_calls_do_not_wait_for_a_scrape(start_proxy: StartProxy) -> None:
    """Adding up may take as long as it likes."""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(10)
        return SUMS

    proxy = start_proxy(metrics=slow)
    answers: list[tuple[int, str, str]] = []
    scraping = threading.Thread(target=lambda: answers.append(scrape(proxy)))
    scraping.start()
    assert begun.wait(5)
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()
    go_on.set()
    scraping.join(10)
    assert answers[0][0] == 200
