"""Amp's threads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codesession.importers.amp import Amp
from codesession.importers.base import LogFile, Places
from support.logs import NOON_MS, Ledger, iso, read_all

Json = dict[str, Any]


def message(number: int, *, model: str = "claude-opus-4-6", **usage: Any) -> Json:
    counts = {"inputTokens": 3, "outputTokens": 321, "cacheCreationInputTokens": 1200, "cacheReadInputTokens": 8000}
    said = counts | {"model": model, "totalInputTokens": 9203, "timestamp": iso(NOON_MS + number)} | usage
    return {"role": "assistant", "messageId": number, "usage": said}


def event(to: int, model: str = "claude-opus-4-6") -> Json:
    tokens = {"input": 9203, "output": 321}
    return {
        "id": f"e{to}",
        "timestamp": iso(NOON_MS + to),
        "model": model,
        "credits": 2.5,
        "tokens": tokens,
        "toMessageId": to,
    }


def thread(folder: Path, messages: list[Any], events: list[Any] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    whole: Json = {"v": 1, "id": "T-1", "created": NOON_MS, "title": "Fix it", "messages": messages}
    whole["env"] = {"initial": {"trees": [{"uri": "file:///nowhere/my%20work"}]}}
    if events is not None:
        whole["usageLedger"] = {"events": events}
    path = folder / "T-1.json"
    path.write_text(json.dumps(whole))
    return path


def test_messages_with_usage_are_calls(imported: Ledger, tmp_path: Path) -> None:
    """The parts of the prompt are apart; the thread names directory and title; twice is once."""
    thread(tmp_path / "threads", [{"role": "user", "messageId": 0}, message(1), message(2)])
    for _ in range(2):
        totals = imported.run(tmp_path)["amp"].totals
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 2 * 9203, 642)
    assert imported.query("SELECT name, directory, requests FROM sessions") == [("Fix it", "/nowhere/my work", 2)]
    imported.check()


def test_a_thread_that_grows_is_counted_once(imported: Ledger, tmp_path: Path) -> None:
    """The file is rewritten as a whole."""
    for messages in ([message(1)], [message(1), message(2)]):
        thread(tmp_path, messages)
        imported.run(tmp_path, "amp")
    assert imported.calls_by_conversation() == {"T-1": 2}


def test_the_ledger_counts_only_what_no_message_shows(tmp_path: Path) -> None:
    """Older threads have both; credits are what Amp charges, cents, and no price."""
    path = thread(tmp_path, [message(1), {"role": "assistant", "messageId": 2}], [event(1), event(2)])
    calls = [call.observation.response for call in read_all(Amp(), path)]
    assert [call.response_id for call in calls] == ["~amp:T-1:1", "~amp:T-1:2"]
    assert [call.usage.input_tokens for call in calls if call.usage] == [9203, 9203]
    assert [str(call.facts.agent_cost_usd) for call in calls] == ["0.025", "0.025"]
    assert all(call.facts.reported_cost_usd is None for call in calls)


def test_for_gpt_models_cache_creation_is_plain_input(tmp_path: Path) -> None:
    """Amp calls the uncached part so; nobody bills a write for it."""
    counts = {"inputTokens": 0, "cacheCreationInputTokens": 1000, "cacheReadInputTokens": 8000}
    (call,) = read_all(Amp(), thread(tmp_path, [message(1, model="gpt-5.1", **counts)]))
    usage = call.observation.response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens) == (9000, 8000, 0)
    assert call.observation.response.provider_name == "openai"


def test_hostile_threads_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    """Nulls, lists for ids, half a file."""
    odd: list[Any] = [None, 1, {"usage": None}, message(1) | {"messageId": [1]}, message(2, timestamp=None)]
    calls = read_all(Amp(), thread(tmp_path, odd, [{"toMessageId": {}}, None]))
    assert [call.observation.context.started_at_ms for call in calls] == [NOON_MS + 1, NOON_MS]
    path = tmp_path / "T-2.json"
    path.write_text('{"messages": [')
    log = LogFile(path=path, root=tmp_path)
    assert (list(Amp().read(log)), log.bad_count) == ([], 1)


def test_threads_are_found_and_recognised(tmp_path: Path) -> None:
    """In the data folder, and exported under any name."""
    path = thread(tmp_path / "threads", [])
    assert list(Amp().files(tmp_path)) == [path]
    assert Amp().recognises(Path("/x/export.json"), b'{"v": 3, "id": "T-9", "messages": []')
    assert not Amp().recognises(Path("/x/export.json"), b'{"id": "x", "messages": []')
    assert Amp().homes(Places(environment={"XDG_DATA_HOME": "/x"}, home=Path("/h"))) == [Path("/x/amp")]
