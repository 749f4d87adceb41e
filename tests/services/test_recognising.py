"""Which agent wrote a log is told by the log's own fields, not by what stands in prompts and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.importers.jsonl import outline
from codesession.services.importing.service import ImportRequest
from support.logs import claude_line, write_log

LONG = "x" * 6_000


def user(**fields: Any) -> dict[str, Any]:
    """A prompt's line."""
    line = {"parentUuid": None, "sessionId": "s", "type": "user", "uuid": "u", "timestamp": "2026-05-01T10:00:00Z"}
    return line | fields


MISLEADING = {
    "prompt": user(message={"role": "user", "content": "what is qwen-code.api_response?"}),
    "provenance": user(toolUseResult={"provenance": {"who": "me"}}),
    "projectHash": user(toolUseResult={"projectHash": "abc", "sessionId": "x"}),
    "usageEvents": user(toolUseResult={"usageEvents": [1], "tokenUsage": {}, "chargedCents": 3}),
    "session_meta": user(toolUseResult={"type": "session_meta", "payload": {}}),
    "session.start": user(toolUseResult={"type": "session.start", "by": "copilot"}),
    "quoted": user(message={"content": json.dumps({"type": "session_meta", "payload": {"projectHash": 1}})}),
    "listed": user(tools=["session_meta", "usageMetadata"]),
    "long prompt": {"type": "last-prompt", "lastPrompt": LONG, "sessionId": "s"},
    "long tools": {"type": "tools-used", "tools": [LONG], "sessionId": "s"},
    "long attachment": {"attachment": {"text": LONG}, "type": "attachment", "sessionId": "s"},
    "long summary": {"type": "summary", "summary": LONG},
    "unknown": {"type": "of a later version", "blob": LONG},
}
"""First lines of Claude Code with the marks of other formats, or so long that nothing else is in the first bytes."""


@pytest.mark.parametrize("first", MISLEADING.values(), ids=MISLEADING.keys())
def test_a_transcript_is_claude_codes_whatever_its_first_line_holds(
    app: App, tmp_path: Path, first: dict[str, Any]
) -> None:
    """Not a call is lost, and no other agent is charged with it."""
    write_log(tmp_path / "logs" / "s1.jsonl", [first, claude_line()])
    (found,) = app.importing.run(ImportRequest(path=tmp_path / "logs")).agents
    assert (found.agent_name, found.totals.calls, found.totals.bad_lines) == ("claude-code", 1, 0)


def test_a_project_may_have_the_name_of_an_agent(app: App, tmp_path: Path) -> None:
    """pi, at work on OpenClaw."""
    header = {"type": "session", "id": "s", "timestamp": "2026-05-01T10:00:00Z", "cwd": "/home/dev/openclaw"}
    write_log(tmp_path / "logs" / "s.jsonl", [header])
    (found,) = app.importing.run(ImportRequest(path=tmp_path / "logs")).agents
    assert found.agent_name == "pi"


@pytest.mark.parametrize(
    ("head", "document", "shown"),
    [
        (b'{"a":"b","c":{"d":"e"},"f":[1,"g"],"h":1}', False, b'"a":"b""c":"f":"h":'),
        (b'{"a":1}\n{"b": {"c":2', False, b'"a":\n"b":'),
        (b'{"a":{"b":1\n{"c":"d"}', False, b'"a":\n"c":"d"'),
        (b'[{"a":{"b":1}},\n {"c":"d"}]', True, b'"a":\n"c":"d"'),
        (b'{"a":\n {"b":\n 1},\n "c": 2}', True, b'"a":\n\n\n"c":'),
        (b'{"a":"\\"b\\":{","c":1}', False, b'"a":"\\"b\\":{""c":'),
        (b'{"a":"cut \\"type\\":\\"x', False, b'"a":"cut \\"type\\":\\"x'),
        (b'{"a":"%b","b":1}' % (b"x" * 100), False, b'"a":"b":'),
        (b'\xef\xbb\xbf[{"a":1}]', True, b'"a":'),
        (b"\x00\xff}}]{", False, b""),
    ],
)
def test_an_outline_has_names_and_short_texts_of_the_outermost_objects(
    head: bytes, document: bool, shown: bytes
) -> None:
    """Cut off, broken, quoted, nested."""
    assert outline(head, document=document) == shown
