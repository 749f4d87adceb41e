"""
The keys that commands print with `--json`, as commands really print them.

Every command runs once in a home, a repository and a ledger made for it (`scenario`); what it printed is told as paths
and types. Values that depend on the day are not shown, so the page changes only when an answer does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from codesession.cli.main import main
from reference import scenario
from reference.markdown import code, document, table

INTRO = """
`--json` prints one JSON value on stdout, nothing else (`pricing calc` and `export --format ndjson` print one on each line). Keys may
be added, never renamed or removed. Times are ISO 8601 in UTC, durations seconds, money dollars as a number rounded to 1e-10
(as text where it says so). `null` is not known, or not there. Objects carry `schemaVersion` and `codesessionVersion` too. Errors: [their own page](errors.md).

What follows is what the commands printed over a made-up ledger. `[]` stands for each item of a list, `*` for names that
depend on the data; what is only sometimes there has a question mark.
"""

Shape = dict[str, set[str]]

DATA_NAMES = ("models", "overrides")
"""Objects whose keys are names of models, not of ours."""


def page() -> str:
    """docs/reference/json.md"""
    parts = []
    for command, shapes in collected().items():
        parts.append(f"## `{command}`")
        parts.append(table(["key", "type"], _rows(shapes)))
    return document("JSON", INTRO, *parts)


def collected() -> dict[str, list[Shape]]:
    """Command to the shape of every answer it gave, in the order of the scenario."""
    found: dict[str, list[Shape]] = {}
    with tempfile.TemporaryDirectory() as folder, _at_home(Path(folder)):
        for command, arguments in scenario.steps(Path(folder)):
            printed = _printed(arguments)
            if command is not None:
                found.setdefault(command, []).extend(_shape(value) for value in _values(printed))
    return found


def _values(printed: str) -> list[Any]:
    """One value, or one on each line."""
    try:
        return [json.loads(printed)]
    except ValueError:
        return [json.loads(line) for line in printed.splitlines()]


def _printed(arguments: Sequence[str]) -> str:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    printed, words = (stream.buffer.getvalue().decode() for stream in (out, err))
    if status not in (0, 3) and '"error": {' in printed:
        raise SystemExit(f"cs {' '.join(arguments)}: {status}: {printed} {words}")
    return printed


@contextlib.contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    """A home and a working directory of its own, and nothing of the caller's that commands would read."""
    before, where = dict(os.environ), Path.cwd()
    kept = {name: before[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in before}
    os.environ.clear()
    os.environ.update(kept, HOME=str(folder), TZ="UTC", GIT_CONFIG_GLOBAL="/dev/null")
    work = scenario.repository(folder)
    os.chdir(work)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)


def _shape(value: Any, path: str = "") -> Shape:
    found: Shape = {}
    if isinstance(value, Mapping):
        if path:
            _add(found, {path: {"object"}})
        for key, inner in value.items():
            name = "*" if path.rpartition(".")[2] in DATA_NAMES else key
            _add(found, _shape(inner, f"{path}.{name}" if path else name))
    elif isinstance(value, list):
        _add(found, {path: {"list"}} if path else {})
        for inner in value:
            _add(found, _shape(inner, f"{path}[]"))
    else:
        _add(found, {path: {_kind(value)}})
    return found


def _add(found: Shape, more: Shape) -> None:
    for path, kinds in more.items():
        found.setdefault(path, set()).update(kinds)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _rows(shapes: Sequence[Shape]) -> list[tuple[str, str]]:
    merged: Shape = {}
    for each in shapes:
        _add(merged, each)
    always = set(merged)
    for each in shapes:
        parents = {path.rpartition(".")[0] for path in each}
        always -= {path for path in merged if path not in each and path.rpartition(".")[0] in {*parents, ""}}
    order = ["object", "list", "text", "number", "boolean", "null"]
    rows = []
    for path, kinds in merged.items():
        if path.endswith(("schemaVersion", "codesessionVersion")) or (path.endswith("[]") and kinds == {"object"}):
            continue
        rows.append((code(path) + ("" if path in always else " ?"), ", ".join(sorted(kinds, key=order.index))))
    return rows
