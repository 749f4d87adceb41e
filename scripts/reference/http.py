"""Paths of the proxy and of the dashboard's API, from route tables and the API's own description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from codesession.cli.listening import ENDPOINTS
from codesession.proxy.route import INTERCEPTED
from codesession.proxy.upstreams import default_upstreams
from codesession.web.guard import PUBLIC
from reference.markdown import code, document, table

OPENAPI = Path(__file__).resolve().parents[2] / "dashboard" / "openapi.json"

PROXY = """
`cs proxy` (and `cs run`, for its command alone) listens on `127.0.0.1:3739`. Anybody on this machine may use it, with a key
of their own for the provider; see the [security model](../security-model.md).
"""

PREFIXES = (
    ("`/p/<provider>/…`", "any provider below, or one from `[upstreams]`"),
    ("`/s/<session>/<provider>/…`", "the calls belong to this session: what `cs run` gives its command"),
    ("`/a/<agent>/…`, `/a/<agent>/<project>/…`", "names an agent (and project) that cannot be told by its headers"),
    ("`/seen/…`", "any of these, from another proxy of ours that counts the call"),
    ("`GET /health`", "`{status, intercepting, activeSession}`"),
    ("`GET /metrics`", "the ledger's sums for Prometheus, if `[metrics] serve = true`; else 404"),
)

OWN_ANSWERS = (
    (
        "403",
        "a peer or web page that may not use it; a budget that stops (`budget_exceeded`, with `x-should-retry: false`)",
    ),
    ("404", "no provider is known for this path"),
    ("421", "a `Host` that is not 127.0.0.1, localhost or [::1]"),
    ("426", "a WebSocket: agents fall back to HTTP"),
    ("502", "the provider could not be reached"),
)

DASHBOARD = """
`cs dashboard` listens on `127.0.0.1:3737`. Scripts send `Authorization: Bearer TOKEN` (`cs dashboard --json` prints it, or choose
it with `CODESESSION_DASHBOARD_TOKEN`), browsers have a cookie. What changes something is sent as `application/json`. An error
is the [envelope](errors.md) with the HTTP status. The whole description, with every field, is `dashboard/openapi.json`, served at
`/api/openapi.json` and readable at `/api/docs`. `GET /metrics` is there as on the proxy, with the token.
"""


def page() -> str:
    """docs/reference/http.md"""
    return document(
        "HTTP",
        "Two servers, both on loopback.",
        "## The proxy",
        PROXY.strip(),
        table(["path", "means"], [*PREFIXES]),
        "Without a prefix the provider follows from the path: " + ", ".join(map(code, INTERCEPTED[:-2])) + ".",
        "Answers of its own, in the error shape of the provider that was asked; every other answer is the provider's:",
        table(["status", "when"], OWN_ANSWERS),
        "### Providers",
        table(["name", "base URL"], [(code(each.name), code(each.origin + each.base_path)) for each in _upstreams()]),
        "### What `cs run` sets",
        table(["variable", "value"], [(code(name), code(_value(who, end))) for name, who, end in ENDPOINTS]),
        "## The dashboard's API",
        DASHBOARD.strip(),
        *_api(json.loads(OPENAPI.read_text("utf-8"))),
    )


def _upstreams() -> Any:
    return default_upstreams().values()


def _value(provider: str, ending: str) -> str:
    return f"http://127.0.0.1:3739/s/<session>/{provider}{ending}"


def _api(description: Mapping[str, Any]) -> Iterator[str]:
    groups: dict[str, list[tuple[str, str, str, str]]] = {}
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            tag = (route.get("tags") or ["more"])[0]
            groups.setdefault(tag, []).append(_route(path, method, route))
    for tag, rows in groups.items():
        yield f"### {tag.capitalize()}"
        yield table(["route", "does", "asks for", "answers with"], rows)


def _route(path: str, method: str, route: Mapping[str, Any]) -> tuple[str, str, str, str]:
    asked = [each["name"] + ("" if each.get("required") else "?") for each in route.get("parameters", [])]
    body = _schema(route.get("requestBody", {}))
    done = next(answer for status, answer in route["responses"].items() if status.startswith("2"))
    public = " No token needed." if path in PUBLIC else ""
    inputs = ", ".join([*map(code, asked), *([f"body {code(body)}"] if body else [])])
    return code(f"{method.upper()} {path}"), route.get("description", "") + public, inputs, code(_schema(done))


def _schema(holder: Mapping[str, Any]) -> str:
    for kind, content in holder.get("content", {}).items():
        reference: str = content.get("schema", {}).get("$ref", "")
        return reference.rpartition("/")[2] or kind
    return ""
