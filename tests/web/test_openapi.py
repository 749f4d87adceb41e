"""The description of the API: current, complete, and never worse for whoever relies on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesession.web import openapi
from codesession.web.guard import PUBLIC
from support.api_shape import breaks, shape
from support.web_server import Dashboard

KEPT = Path(__file__).parents[2] / "dashboard" / "openapi.json"
RELIED_ON = Path(__file__).parent / "api_v1.json"


def test_the_kept_description_is_current() -> None:
    """`python -m codesession.web.openapi dashboard/openapi.json` writes it."""
    assert openapi.main(["--check", str(KEPT)]) == 0


def test_an_old_description_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that mends it."""
    old = tmp_path / "openapi.json"
    old.write_text("{}")

    assert openapi.main(["--check", str(old)]) == 1
    assert "is not current" in capsys.readouterr().err
    assert openapi.main([]) == 2


def test_nothing_that_clients_rely_on_is_taken_away() -> None:
    """Keys and parameters may be added to version 1; `tests/support/api_shape.py` writes down what there is."""
    assert breaks(json.loads(RELIED_ON.read_text()), shape(json.loads(openapi.document()))) == []


def test_a_change_for_the_worse_is_noticed() -> None:
    """A key that is gone, another type, a parameter that is needed now."""
    document = json.loads(openapi.document())
    before = shape(document)
    usage = document["components"]["schemas"]["Usage"]["properties"]
    del usage["calls"]
    usage["inputTokens"] = {"type": "string"}
    document["components"]["schemas"]["NewNote"]["properties"]["colour"] = {"type": "string"}
    document["components"]["schemas"]["NewNote"]["required"].append("colour")

    found = breaks(before, shape(document))

    assert "GET /api/v1/usage: answer <Totals>.usage<Usage>.calls is gone" in found
    assert "GET /api/v1/usage: <Totals>.usage<Usage>.inputTokens is string now" in found
    assert "POST /api/v1/sessions/{session_id}/notes: body colour is needed now" in found


def test_every_path_needs_the_token_but_the_few_that_tell_nothing(shared: Dashboard) -> None:
    """Asked without one, each answers 401; a change is refused as well."""
    for path, methods in json.loads(openapi.document())["paths"].items():
        for method in methods:
            concrete = path.replace("{session_id}", "1").replace("{dimension}", "model")
            concrete = concrete.replace("{budget_id}", "1").replace("{rule_id}", "1")
            reply = shared.raw(method.upper(), concrete, b"{}", {"Content-Type": "application/json"})

            assert (reply.status == 401) is (path not in PUBLIC), (method, path, reply)


def test_the_documentation_comes_from_here_alone(shared: Dashboard) -> None:
    """The page, its script and its style are ours; none of them names another host."""
    for path in ("/api/docs", "/api/docs.js", "/api/docs.css"):
        reply = shared.raw("GET", path)

        assert reply.status == 200
        assert b"http://" not in reply.body and b"https://" not in reply.body
    assert shared.raw("GET", "/api/openapi.json").json == json.loads(KEPT.read_text())
