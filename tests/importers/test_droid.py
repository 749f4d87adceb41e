"""Droid's running totals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codesession.importers.base import LogFile, Places
from codesession.importers.droid import Droid
from support.logs import NOON_MS, SAMPLES, Ledger, iso, read_all, write_log

RUN = SAMPLES / "droid" / "droid-0.225.2"


def session(
    folder: Path, calls: int, *, model: str = "claude-opus-4-6", times: int | None = None, **start: Any
) -> Path:
    """A session's totals after some equal calls, a minute apart."""
    usage = {"inputTokens": 3, "outputTokens": 321, "cacheCreationTokens": 1200, "cacheReadTokens": 8000}
    usage = {name: count * calls for name, count in usage.items()} | {"thinkingTokens": 0}
    entries: list[dict[str, Any]] = [{"type": "session_start", "id": "s", "title": "hi", "cwd": "/nowhere/w"} | start]
    for number in range(calls if times is None else times):
        said = {"role": "assistant", "content": []}
        entries.append({"type": "message", "timestamp": iso(NOON_MS + number * 60_000), "message": said})
    write_log(folder / "s.jsonl", entries)
    path = folder / "s.settings.json"
    whole = {"model": model, "tokenUsage": usage, "inclusiveTokenUsage": {"inputTokens": 10**6}}
    path.write_text(json.dumps(whole | {"providerLock": "anthropic"}))
    return path


def test_a_sessions_total_is_read_as_an_estimate(imported: Ledger) -> None:
    """Never the totals that hold sub-agents, nor the last call again; a model of the user's own has no price."""
    totals = imported.run(RUN)["droid"].totals
    assert (totals.calls, totals.lower_bound_calls) == (1, 1)
    assert (totals.input_tokens, totals.output_tokens) == (9203, 321)
    assert (totals.cache_read_input_tokens, totals.cache_write_input_tokens) == (8000, 1200)
    columns = "response_model, provider_name, cost_status, project, started_at_ms"
    assert imported.query(f"SELECT {columns} FROM model_requests") == [
        ("custom:MockA-0", "anthropic", "unknown", "/home/dev/droid/proj", 1795310507932)
    ]
    assert imported.query("SELECT name FROM sessions") == [("proj 2026-11-22",)]
    before = imported.state()
    imported.run(RUN)
    assert imported.state() == before
    imported.check()


def test_every_import_books_what_the_total_gained(imported: Ledger, tmp_path: Path) -> None:
    """At the time of the last answer: a resumed session's second day is the second day's cost."""
    for calls in (2, 2, 5):
        session(tmp_path, calls)
        imported.run(tmp_path, "droid")
    rows = imported.query("SELECT started_at_ms, input_tokens, output_tokens FROM model_requests ORDER BY 1")
    assert rows == [(NOON_MS + 60_000, 2 * 9203, 2 * 321), (NOON_MS + 240_000, 3 * 9203, 3 * 321)]
    imported.check()


def test_a_total_that_fell_began_anew(imported: Ledger, tmp_path: Path) -> None:
    """Nothing is taken back and nothing lost."""
    for calls in (4, 1, 3):
        session(tmp_path, calls)
        imported.run(tmp_path, "droid")
    assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [(7 * 321,)]


def test_a_long_sessions_total_is_priced_as_its_calls(tmp_path: Path) -> None:
    """A hundred prompts of nine thousand tokens are no prompt of nine hundred thousand."""
    (call,) = read_all(Droid(), session(tmp_path, 100))
    parts = call.observation.response.parts
    assert len(parts) == 10
    assert max(part.usage.input_tokens for part in parts) < 100_000
    assert call.observation.response.warnings


def test_a_custom_models_name_is_looked_up(tmp_path: Path) -> None:
    """`customModels` in the agent's settings says which model answers to it."""
    custom = [{"displayName": "My Opus", "model": "claude-opus-4-6", "provider": "anthropic", "apiKey": "secret"}]
    home = tmp_path / ".factory"
    path = session(home / "sessions" / "-nowhere-w", 1, model="custom:My-Opus-0")
    (home / "settings.json").write_text(json.dumps({"customModels": custom}))
    (call,) = read_all(Droid(), path)
    assert call.observation.response.model == "claude-opus-4-6"
    assert list(Droid().files(home)) == [path]


def test_titles_that_are_prompts_are_no_titles(tmp_path: Path) -> None:
    """Only one that the user set is; a sub-agent's session names the one that called it."""
    log = LogFile(path=session(tmp_path, 1, callingSessionId="p"), root=tmp_path)
    list(Droid().read(log))
    assert (log.conversations["s"].title, log.conversations["s"].parent) == (None, "p")
    log = LogFile(path=session(tmp_path, 1, isSessionTitleManuallySet=True), root=tmp_path)
    list(Droid().read(log))
    assert log.conversations["s"].title == "hi"


def test_totals_without_a_transcript_count(tmp_path: Path) -> None:
    """At the time the provider was locked in, else of the file; broken ones are counted as unreadable."""
    path = session(tmp_path, 1)
    (tmp_path / "s.jsonl").unlink()
    (call,) = read_all(Droid(), path)
    assert abs(call.observation.context.started_at_ms - path.stat().st_mtime * 1000) < 2
    for raw, bad in ((b'{"tokenUsage": {"inputTokens": 5', 1), (b"[]", 0), (b'{"tokenUsage": null}', 0)):
        path.write_bytes(raw)
        log = LogFile(path=path, root=tmp_path)
        assert (list(Droid().read(log)), log.bad_count) == ([], bad)


def test_the_agents_variable_moves_its_home() -> None:
    """`FACTORY_HOME_OVERRIDE`."""
    homes = Droid().homes(Places(environment={"FACTORY_HOME_OVERRIDE": "/f"}, home=Path("/h")))
    assert homes == [Path("/f/.factory"), Path("/f")]
    assert Droid().homes(Places(environment={}, home=Path("/h"))) == [Path("/h/.factory")]
