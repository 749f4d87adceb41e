"""What a client of the API relies on, in a form that two versions can be compared in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

Shape = dict[str, dict[str, Any]]


def shape(document: dict[str, Any]) -> Shape:
    """Operation to its parameters and body keys (required or not) and its answer's keys (type)."""
    schemas = document["components"]["schemas"]
    found: Shape = {}
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            body = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            answer = next(
                (part["content"]["application/json"].get("schema", {}) for status, part in about["responses"].items()
                 if status.startswith("2") and "application/json" in part.get("content", {})), {},
            )  # fmt: skip
            found[f"{method.upper()} {path}"] = {
                "parameters": {each["name"]: each.get("required", False) for each in about.get("parameters", [])},
                "body": dict(_required(body, schemas)),
                "answer": dict(_keys(answer, schemas, "")),
            }
    return found


def _required(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    found = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    for name in found.get("properties", {}):
        yield name, name in found.get("required", [])


def _keys(schema: dict[str, Any], schemas: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if f"<{name}>" not in at:
            for key, value in schemas[name].get("properties", {}).items():
                yield from _keys(value, schemas, f"{at}<{name}>.{key}")
        return
    if schema.get("type") == "array":
        yield from _keys(schema["items"], schemas, f"{at}[]")
        return
    parts = schema.get("anyOf", [])
    for part in parts:
        yield from _keys(part, schemas, at)
    if not parts:
        yield at, str(schema.get("type") or schema.get("const") or "")


def breaks(before: Shape, now: Shape) -> list[str]:
    """What a client written for `before` would stumble over."""
    found = [f"{operation} is gone" for operation in before.keys() - now.keys()]
    for operation in before.keys() & now.keys():
        old, new = before[operation], now[operation]
        for part in ("parameters", "body", "answer"):
            found += [f"{operation}: {part} {name} is gone" for name in old[part].keys() - new[part].keys()]
        for part in ("parameters", "body"):
            needed = {name for name, required in new[part].items() if required}
            free = {name for name in needed if not old[part].get(name, False)}
            found += [f"{operation}: {part} {name} is needed now" for name in free]
        for name in old["answer"].keys() & new["answer"].keys():
            if old["answer"][name] != new["answer"][name]:
                found.append(f"{operation}: {name} is {new['answer'][name]} now")
    return sorted(found)


if __name__ == "__main__":
    json.dump(shape(json.load(sys.stdin)), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
