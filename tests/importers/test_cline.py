"""Cline's command line, and the tasks of Cline, Roo Code and Kilo Code in editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesession.importers import registry
from codesession.importers.base import LogFile, Places
from codesession.importers.cline import TASK, Cline, KiloCode, Roo
from support.logs import NOON_MS, SAMPLES, Ledger, iso, read_all

RUN = SAMPLES / "cline" / "cline-3.0.65"


def request(at_ms: int, *, text: object = None, **fields: Any) -> dict[str, Any]:
    counts = {"tokensIn": 3, "tokensOut": 321, "cacheReads": 8000, "cacheWrites": 1200, "cost": 0.02} | fields
    return {"ts": at_ms, "type": "say", "say": "api_req_started", "text": text or json.dumps(counts)}


def task(folder: Path, messages: list[Any], **beside: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in beside.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    path = folder / TASK
    path.write_text(json.dumps(messages))
    return path


def test_a_session_of_the_command_line_counts_what_was_answered(imported: Ledger) -> None:
    """Two calls, the cache inside the prompt; the sums beside them are left alone."""
    totals = imported.run(RUN)["cline"].totals
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 18000, 642)
    assert totals.cache_read_input_tokens == 16000
    columns = "response_model, conversation_id, agent_version, project"
    assert imported.query(f"SELECT DISTINCT {columns} FROM model_requests") == [
        ("gpt-x", "1795310445916_6f2xi", "3.0.65", "/home/dev/cline/proj")
    ]
    assert imported.query("SELECT name FROM sessions") == [("proj 2026-11-22",)]
    before = imported.state()
    imported.run(RUN)
    assert imported.state() == before
    imported.check()


def test_a_prompt_smaller_than_its_cache_is_without_it(tmp_path: Path) -> None:
    """The command line counts differently on different wires, and does not say which it was."""
    metrics = {"inputTokens": 3, "outputTokens": 321, "cacheReadTokens": 8000, "cacheWriteTokens": 1200}
    path = tmp_path / "s.messages.json"
    path.write_text(json.dumps({"messages": [{"role": "assistant", "id": "m", "ts": NOON_MS, "metrics": metrics}]}))
    (call,) = read_all(Cline(), path)
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.input_tokens == 9203


@pytest.mark.parametrize("provider", ["anthropic", "bedrock", "openai-compatible", "vertex"])
def test_the_command_lines_prompt_holds_the_cache_on_every_wire(tmp_path: Path, provider: str) -> None:
    """The library it calls models with adds up what Anthropic counts apart."""
    metrics = {"inputTokens": 9203, "outputTokens": 1, "cacheReadTokens": 8000, "cacheWriteTokens": 1200}
    named = {"provider": provider, "id": "claude-opus-4-6"}
    message = {"role": "assistant", "id": "m", "ts": NOON_MS, "metrics": metrics, "modelInfo": named}
    path = tmp_path / "s.messages.json"
    path.write_text(json.dumps({"messages": [message]}))
    (call,) = read_all(Cline(), path)
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.input_tokens == 9203


def test_a_team_mates_messages_belong_to_the_session(tmp_path: Path) -> None:
    """They lie in the same folder under another name."""
    folder = tmp_path / "lead"
    folder.mkdir()
    (folder / "lead.json").write_text(json.dumps({"session_id": "lead", "cwd": "/nowhere/w", "prompt": "do it now"}))
    told = {"sessionId": "mate", "messages": [{"role": "assistant", "ts": NOON_MS, "metrics": {"inputTokens": 1}}]}
    (folder / "mate.messages.json").write_text(json.dumps(told))
    log = LogFile(path=folder / "mate.messages.json", root=tmp_path)
    (call,) = Cline().read(log)
    assert call.observation.context.subagent_id == "mate"
    assert (log.conversations["mate"].parent, log.conversations["mate"].directory) == ("lead", "/nowhere/w")


def test_a_run_of_a_team_mate_that_goes_on_repeats_no_calls(imported: Ledger, tmp_path: Path) -> None:
    """Each run has a file and a session of its own; a later one begins with the messages of those before."""
    folder = tmp_path / "lead"
    folder.mkdir()
    metrics = {"inputTokens": 9203, "outputTokens": 1, "cacheReadTokens": 8000, "cacheWriteTokens": 1200}
    messages = []
    for number, run in enumerate(("aaaaaa", "bbbbbb")):
        messages.append({"role": "assistant", "id": f"m{number}", "ts": NOON_MS + number, "metrics": metrics})
        told = {"sessionId": f"lead__teamtask__mate__{run}", "origin": {"parentThreadId": "lead"}, "messages": messages}
        (folder / f"mate__{run}.messages.json").write_text(json.dumps(told))
    imported.run(tmp_path, "cline")
    assert imported.query("SELECT conversation_id, requests FROM sessions") == [("lead", 2)]
    imported.check()


@pytest.mark.parametrize("order", ["1 2 3", "3 2 1", "2 3 1"])
def test_a_fork_repeats_its_origins_calls(imported: Ledger, tmp_path: Path, order: str) -> None:
    """Messages keep their times, and may get other ids; a fork may be forked. What was imported is not Cline's."""
    metrics = {"inputTokens": 9000, "outputTokens": 321, "cacheReadTokens": 8000, "cacheWriteTokens": 0}
    model = {"id": "gpt-x", "provider": "openai-compatible"}

    def said(session: int, until: int) -> list[dict[str, Any]]:
        told = {"role": "assistant", "metrics": metrics, "modelInfo": model}
        return [told | {"id": f"{session}.{n}", "ts": NOON_MS + n * 100} for n in range(until)]

    metadata: dict[str, Any] = {"1": {"importedFrom": {"tool": "codex", "importedAt": iso(NOON_MS + 50)}}}
    for number in (2, 3):
        forked = {"forkedFromSessionId": f"s{number - 1}", "forkedAt": iso(NOON_MS + number * 100 - 50)}
        metadata[str(number)] = {"fork": forked} | metadata["1"]
    for number in order.split():
        folder = tmp_path / "sessions" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / f"s{number}.json").write_text(json.dumps({"session_id": f"s{number}", "metadata": metadata[number]}))
        messages = {"sessionId": f"s{number}", "messages": said(int(number), int(number) + 1)}
        (folder / f"s{number}.messages.json").write_text(json.dumps(messages))
        imported.run(tmp_path, "cline")
    assert imported.calls_by_conversation() == {"s1": 1, "s2": 1, "s3": 1}
    before = imported.state()
    imported.run(tmp_path, "cline")
    assert imported.state() == before
    imported.check()


def test_requests_of_a_task_are_calls(tmp_path: Path) -> None:
    """Model and version from the metadata at the time of the call; the prompt is without its cache."""
    metadata = {
        "model_usage": [
            {"ts": NOON_MS + 5, "model_id": "claude-opus-4-6", "model_provider_id": "anthropic"},
            {"ts": NOON_MS + 60_000, "model_id": "gpt-5.1", "model_provider_id": "openai-native"},
        ],
        "environment_history": [{"cline_version": "3.60.0"}],
    }
    messages = [{"ts": 1, "say": "task", "text": "do it"}, request(NOON_MS), request(NOON_MS + 60_000), None]
    path = task(tmp_path / "tasks" / "1", messages, task_metadata=metadata)
    first, second = read_all(Cline(), path)
    assert first.observation.response.usage is not None
    assert first.observation.response.usage.input_tokens == 9203
    assert [call.observation.response.model for call in (first, second)] == ["claude-opus-4-6", "gpt-5.1"]
    assert first.observation.context.agent_version == "3.60.0"
    assert first.observation.response.response_id == f"~cline:1:{NOON_MS}"


def test_what_claude_code_did_for_cline_is_in_its_own_log(tmp_path: Path) -> None:
    """Cline starts its command line; the calls before and after are Cline's."""
    providers = ("anthropic", "claude-code", "anthropic")
    used = [
        {"ts": NOON_MS + at * 60_000, "model_id": "claude-opus-4-6", "model_provider_id": name}
        for at, name in enumerate(providers)
    ]
    messages = [request(NOON_MS + at * 60_000) for at in range(3)]
    calls = read_all(Cline(), task(tmp_path / "1", messages, task_metadata={"model_usage": used}))
    assert [call.observation.context.started_at_ms for call in calls] == [NOON_MS, NOON_MS + 120_000]


def test_on_the_openai_wire_the_prompt_holds_the_cache(tmp_path: Path) -> None:
    """Roo Code says which wire it was."""
    asked = request(NOON_MS, tokensIn=9000, cacheWrites=0, apiProtocol="openai")
    (call,) = read_all(Roo(), task(tmp_path / "1", [asked]))
    usage = call.observation.response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (9000, 8000)


@pytest.mark.parametrize(
    ("importer", "at_ms", "provider", "told", "prompt"),
    [
        (Roo(), NOON_MS, None, {"apiProtocol": "anthropic"}, 9203),
        (Roo(), NOON_MS, None, {"apiProtocol": "anthropic", "tokensIn": 3}, 9203),
        (Roo(), 1_759_300_000_000, None, {"apiProtocol": "anthropic"}, 9203 + 9200),
        (KiloCode(), NOON_MS, None, {"apiProtocol": "anthropic"}, 9203),
        (KiloCode(), NOON_MS, None, {}, 9203),
        (Cline(), NOON_MS, "openai", {}, 9203),
        (Cline(), NOON_MS, "litellm", {"tokensIn": 3}, 9203),
        (Cline(), NOON_MS, "openai-native", {}, 9203 + 9200),
        (Cline(), NOON_MS, None, {}, 9203 + 9200),
    ],
)
def test_what_the_prompt_holds_depends_on_who_wrote_it_when(
    tmp_path: Path,
    importer: Cline | Roo | KiloCode,
    at_ms: int,
    provider: str | None,
    told: dict[str, Any],
    prompt: int,
) -> None:
    """
    Roo Code since 3.29.5 and Kilo Code since 4.119.0 write the whole prompt; Cline what is uncached.

    But for some providers, whose count it passes on as it comes.
    """
    asked = request(at_ms, **{"tokensIn": 9203} | told) | {"modelInfo": {"modelId": "m", "providerId": provider}}
    (call,) = read_all(importer, task(tmp_path / "1", [asked]))
    usage = call.observation.response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.cache_write_input_tokens) == (prompt, 1200)


def test_model_and_directory_are_found_in_the_prompts(tmp_path: Path) -> None:
    """Only where the extension wrote them; a sub-task names its parent."""
    told = "<model>fake</model>\n# Current Mode\n<slug>code</slug>\n<model>claude-opus-4-6</model>\n"
    told += "# Current Workspace Directory (/nowhere/w (1)) Files\na.py"
    history = [{"role": "user", "ts": NOON_MS, "content": [{"type": "text", "text": told}, None]}]
    path = task(
        tmp_path / "2", [request(NOON_MS)], api_conversation_history=history, history_item={"parentTaskId": "1"}
    )
    (call,) = read_all(Roo(), path)
    assert call.observation.response.model == "claude-opus-4-6"
    assert call.observation.context.project == "/nowhere/w (1)"
    assert call.observation.context.subagent_id == "2"


def test_a_task_that_runs_is_filled_in_later(imported: Ledger, tmp_path: Path) -> None:
    """No counts yet is no call yet; growing counts are one call."""
    waiting = request(NOON_MS, text='{"request":"…"}')
    for messages in ([waiting], [request(NOON_MS, tokensOut=5)], [request(NOON_MS)], [request(NOON_MS)]):
        task(tmp_path / "logs" / "1", messages)
        imported.run(tmp_path / "logs", "cline")
    assert imported.query("SELECT output_tokens FROM model_requests") == [(321,)]


def test_cancelled_requests_are_lower_bounds(tmp_path: Path) -> None:
    """The user's cancel without counts is a call of unknown usage; a failed one was none."""
    nothing = {"tokensIn": 0, "tokensOut": 0, "cacheReads": 0, "cacheWrites": 0}
    messages = [
        request(NOON_MS, cancelReason="user_cancelled"),
        request(NOON_MS + 1, cancelReason="user_cancelled", **nothing),
        request(NOON_MS + 2, cancelReason="streaming_failed", **nothing),
    ]
    cut, unknown = (call.observation.response for call in read_all(Cline(), task(tmp_path / "1", messages)))
    assert (cut.complete, cut.usage is not None) == (False, True)
    assert unknown.parts == ()


def test_what_sub_agents_used_is_a_lower_bound(tmp_path: Path) -> None:
    """Their calls have no messages of their own: the task is told the sum."""
    told = request(NOON_MS + 1) | {"say": "subagent_usage"}
    calls = read_all(Cline(), task(tmp_path / "1", [request(NOON_MS), told]))
    assert [call.observation.response.complete for call in calls] == [True, False]
    assert "sub-agents" in calls[1].observation.response.warnings[0]


def test_hostile_tasks_are_counted(tmp_path: Path) -> None:
    """Half a file, requests that are no JSON, times that are none."""
    messages = [request(NOON_MS, text="{"), request(NOON_MS) | {"ts": "soon"}, request(NOON_MS)]
    log = LogFile(path=task(tmp_path / "1", messages, task_metadata=[1], history_item="x"), root=tmp_path)
    assert (len(list(Cline().read(log))), log.bad_count) == (1, 2)
    log.path.write_text('[{"ts":')
    log = LogFile(path=log.path, root=tmp_path)
    assert (list(Cline().read(log)), log.bad_count) == ([], 1)


@pytest.mark.parametrize(
    ("extension", "name"),
    [(Cline.extension, "cline"), (Roo.extension, "roo"), (KiloCode.extension, "kilo-code")],
)
def test_extensions_are_told_by_their_folder(tmp_path: Path, extension: str, name: str) -> None:
    """In every editor, on every system."""
    home = tmp_path / ".config" / "VSCodium" / "User" / "globalStorage" / extension
    path = task(home / "tasks" / "1", [request(NOON_MS)])
    importers = [registry.load(each) for each in ("cline", "roo", "kilo-code")]
    assert [each.name for each in importers if each.recognises(path, b"[")] == [name]
    importer = registry.load(name)
    assert home in importer.homes(Places(environment={}, home=tmp_path))
    assert list(importer.files(home)) == [path]
    for platform, part in (("darwin", "Application Support"), ("win32", "Roaming")):
        homes = importer.homes(Places(environment={}, home=tmp_path, platform=platform))
        assert any(part in each.parts and each.name == extension for each in homes)
    assert Cline().homes(Places(environment={"CLINE_DIR": "/c"}, home=tmp_path))[0] == Path("/c")
    moved = {"CLINE_DATA_DIR": "~/d", "CLINE_SESSION_DATA_DIR": "/s"}
    homes = Cline().homes(Places(environment=moved, home=tmp_path))
    assert homes[:3] == [tmp_path / ".cline", tmp_path / "d", Path("/s")]
