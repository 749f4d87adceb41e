"""A run around is told what its budget refused further in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from codesession.cli.refusals import VARIABLE, Refusals


class Around:
    """A run that is told; `said` is what it heard, and hears nothing if nothing comes soon."""

    def __init__(self) -> None:
        heard = self.said = []

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Ear)
        self.server.timeout = 2
        self.environment = {VARIABLE: f"http://127.0.0.1:{self.server.server_port}/refused/secret"}

    def listen(self, tell: Callable[[], None]) -> list[str]:
        """What it hears of one word."""
        tell()
        self.server.handle_request()
        self.server.server_close()
        return self.said


def refusals(session_id: int, environment: dict[str, str] | None = None) -> tuple[Refusals, list[bool]]:
    """Of a run, and how often its command was ended."""
    ended: list[bool] = []
    return Refusals(session_id, environment or {}, lambda: ended.append(True)), ended


def test_the_budget_of_a_run_around_ends_both() -> None:
    """The inner command, because its call was refused; the outer, because its budget refused."""
    around = Around()
    inner, ended = refusals(7, around.environment)
    assert around.listen(lambda: inner.refused(3)) == ["/refused/secret/3"]
    inner.refused(7)
    assert ended == [True]


@pytest.mark.parametrize("session_id", [7, None])
def test_another_budget_is_nobody_elses_business(session_id: int | None) -> None:
    """Its own, or one of no single session: nobody around is told."""
    before = threading.active_count()
    inner, ended = refusals(7, {VARIABLE: "http://127.0.0.1:9/refused/secret"})
    inner.refused(session_id)
    assert (ended, threading.active_count()) == ([True], before)


def test_only_budgets_that_hold_here_end_a_command() -> None:
    """Its own and those around it, from whoever knows the secret."""
    run, ended = refusals(7)
    secret = run.address(3739).rpartition("/")[2]
    for word in ("", "7", "guess/7", f"{secret}/", f"{secret}/x", f"{secret}/8"):
        run.told(word)
    assert ended == []
    run.told(f"{secret}/7")
    assert ended == [True]
