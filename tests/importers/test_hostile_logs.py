"""Every value of every recorded log, replaced by what nobody expects: nothing may raise, nothing may lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codesession.importers import registry
from codesession.importers.base import LogFile
from support.logs import SAMPLES

AGENTS = ("openclaw", "gemini", "qwen", "copilot", "pi", "droid", "cline")
FILES = [(agent, path) for agent in AGENTS for path in sorted((SAMPLES / agent).rglob("*.json*"))]
ODD: tuple[Any, ...] = (None, "x", -1, 1e300, 10**30, [], {}, True, [None], "\ud800")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], odd)
    return copy


def _mutants(path: Path) -> Iterator[bytes]:
    """The file with one value replaced; what to replace it by goes round."""
    raw = path.read_bytes()
    lines = raw.splitlines() if path.suffix == ".jsonl" else [raw]
    for number, line in enumerate(lines):
        value = json.loads(line)
        for turn, place in enumerate(_places(value)):
            odd = json.dumps(_replaced(value, place, ODD[turn % len(ODD)])).encode()
            yield b"\n".join([*lines[:number], odd, *lines[number + 1 :]]) + b"\n"


def _check(agent: str, path: Path) -> None:
    log = LogFile(path=path, root=path.parent)
    for sighting in registry.load(agent).read(log):
        response = sighting.observation.response
        assert response.response_id
        for part in response.parts:
            usage = part.usage
            assert 0 <= usage.uncached_input_tokens <= usage.input_tokens
            assert 0 <= usage.reasoning_output_tokens <= usage.output_tokens
    json.dumps(log.state)


@pytest.mark.parametrize(("agent", "sample"), FILES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_odd_values_never_raise(agent: str, sample: Path, tmp_path: Path) -> None:
    """Wrong types, huge and negative numbers, half a surrogate pair, at every place."""
    path = tmp_path / sample.name
    for mutant in _mutants(sample):
        path.write_bytes(mutant)
        _check(agent, path)


@pytest.mark.parametrize(("agent", "sample"), FILES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_files_cut_anywhere_never_raise(agent: str, sample: Path, tmp_path: Path) -> None:
    """What a crash or a full disk leaves; binary noise and endless nesting as well."""
    path, raw = tmp_path / sample.name, sample.read_bytes()
    cuts = [raw[:end] for end in range(0, len(raw), 97)]
    for rest in (*cuts, b"\x00" * 5000, b"\xff\xfe" * 100, b"[" * 200_000, b'{"a":' * 100_000 + b"}" * 100_000):
        path.write_bytes(rest)
        _check(agent, path)
