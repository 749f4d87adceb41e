"""Every path of the description, asked with everything it allows and much that it does not: no answer is a failure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from codesession.web import openapi
from support.web_server import Dashboard
from web.conftest import add_session

EXAMPLES = 15
DESCRIPTION = Path(__file__).parents[2] / "dashboard" / "openapi.json"
ENDLESS = "/api/v1/events"
"""A stream that ends when the reader goes; attacks/test_flood.py and test_watcher.py read it."""


def named(description: str) -> set[str]:
    """Every operation of a description by method and path."""
    paths = json.loads(description)["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


OPERATIONS = named(DESCRIPTION.read_text("utf-8")) - {f"GET {ENDLESS}"}


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """What Schemathesis makes of each; loaded here because every worker collects these tests, and one runs them."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(json.loads(openapi.document()))
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{one.method.upper()} {one.path}": one for one in found}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard with something in it, which may be changed by what is asked."""
    with Dashboard(tmp_path_factory.mktemp("fuzzed")) as running:
        add_session(running)
        yield running


def test_every_path_but_the_stream_is_asked() -> None:
    """A path that is added later is among them by itself."""
    assert named(openapi.document()) - OPERATIONS == {f"GET {ENDLESS}"}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_question_makes_the_server_fail(fuzzed: Dashboard, operations: dict[str, Any], name: str) -> None:
    """
    Whatever is asked, the answer is one of the described kind and below 500.

    The server tells its own defects from refusals: a traceback would be a 500.
    """
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

    url = f"http://127.0.0.1:{fuzzed.port}"
    headers = {"Authorization": f"Bearer {fuzzed.access.token}"}

    @seed(11)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operations[name].as_strategy())
    def ask(case: Any) -> None:
        if case.method == "POST" and case.path == "/api/v1/reset" and case.body == {"confirm": "start fresh"}:
            return  # the one sentence that does what it says
        response = case.call(base_url=url, headers=headers, timeout=20)
        checks = [not_a_server_error, status_code_conformance]
        if response.status_code < 400:
            checks.append(response_schema_conformance)
        case.validate_response(response, checks=checks)

    ask()


def test_the_ledger_is_whole_afterwards(fuzzed: Dashboard) -> None:
    """What was asked at random changed notes, budgets and prices, and nothing that was spent."""
    ledger = fuzzed.home / ".codesession" / "sessions.db"
    with closing(sqlite3.connect(ledger)) as read:
        assert read.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert fuzzed.get("/api/v1/usage")["usage"]["calls"] == 3
