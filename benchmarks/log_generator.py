"""
Writes logs as Claude Code and Codex leave them: the sizes and the mix of lines of real ones, made-up content.

    python -m benchmarks.log_generator FOLDER --megabytes 200 --files 1000

The same arguments give the same bytes. Claude Code: one or two lines with usage per call, tool results of a few
kilobytes between them. Codex: a record and a count per response.
"""

from __future__ import annotations

import argparse
import json
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_WORDS = ("the", "tool", "reads", "a", "file", "and", "returns", "its", "lines;", "so", "tests", "pass", "again.")
_MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5")
_START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """What a generated home holds."""

    files: int
    size: int
    calls: int


class _Source:
    """Random facts that depend on the seed alone."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = _START

    def id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def text(self, size: int) -> str:
        words = self.random.choices(_WORDS, k=max(1, size // 6))
        return " ".join(words)

    def tick(self) -> str:
        self.now += timedelta(milliseconds=self.random.randint(200, 20_000))
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond // 1000:03d}Z"


def claude_home(root: Path, *, size: int, files: int, seed: int = 1) -> Written:
    """A `.claude` home of about `size` bytes in `files` transcripts."""
    source = _Source(seed)
    calls = total = 0
    for number in range(files):
        source.now = _START + timedelta(minutes=7 * number)
        session = source.id()
        folder = root / "projects" / f"-home-dev-project-{number % 12}"
        folder.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        length = 0
        while length < size // files:
            turn = _claude_turn(source, session, f"/home/dev/project-{number % 12}")
            calls += 1
            lines.extend(turn)
            length += sum(map(len, turn)) + len(turn)
        total += (folder / f"{session}.jsonl").write_bytes(("\n".join(lines) + "\n").encode())
    return Written(files, total, calls)


def _claude_turn(source: _Source, session: str, cwd: str) -> list[str]:
    common = {
        "isSidechain": False,
        "userType": "external",
        "entrypoint": "cli",
        "cwd": cwd,
        "sessionId": session,
        "version": "2.1.112",
        "gitBranch": "main",
    }
    request, message = f"req_{source.id()[:24]}", f"msg_{source.id()[:24]}"
    chance = source.random
    usage = {
        "input_tokens": chance.randint(1, 12),
        "cache_creation_input_tokens": chance.randint(100, 6_000),
        "cache_read_input_tokens": chance.randint(8_000, 150_000),
        "output_tokens": chance.randint(30, 2_000),
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "inference_geo": "not_available",
        "iterations": [],
        "speed": "standard",
    }
    usage["cache_creation"]["ephemeral_5m_input_tokens"] = usage["cache_creation_input_tokens"]
    model = chance.choice(_MODELS)
    prompt = {"role": "user", "content": [{"type": "tool_result", "content": source.text(chance.randint(300, 12_000))}]}
    lines: list[dict[str, Any]] = [
        {
            "parentUuid": source.id(),
            **common,
            "promptId": source.id(),
            "type": "user",
            "message": prompt,
            "uuid": source.id(),
            "timestamp": source.tick(),
            "toolUseResult": {"stdout": source.text(chance.randint(300, 8_000)), "stderr": "", "interrupted": False},
        }
    ]
    blocks = [
        {"type": "text", "text": source.text(chance.randint(60, 1_500))},
        {"type": "tool_use", "id": f"toolu_{source.id()[:20]}", "name": "Bash", "input": {"command": source.text(200)}},
    ]
    for block in blocks[: chance.choice((1, 2, 2))]:
        answer = {
            "model": model,
            "id": message,
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": "tool_use",
            "stop_sequence": None,
            "usage": usage,
        }
        lines.append(
            {
                "parentUuid": source.id(),
                **common,
                "message": answer,
                "requestId": request,
                "type": "assistant",
                "uuid": source.id(),
                "timestamp": source.tick(),
            }
        )
    return [json.dumps(line, separators=(",", ":")) for line in lines]


def codex_home(root: Path, *, size: int, files: int, seed: int = 2) -> Written:
    """A `.codex` home of about `size` bytes in `files` rollouts."""
    source = _Source(seed)
    calls = total = 0
    for number in range(files):
        source.now = _START + timedelta(minutes=11 * number)
        thread = source.id()
        folder = root / "sessions" / f"{source.now:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = _codex_head(source, thread, f"/home/dev/project-{number % 12}")
        length = sum(map(len, lines))
        counter = dict.fromkeys(_COUNTS, 0)
        while length < size // files:
            response = _codex_response(source, thread, counter)
            calls += 1
            lines.extend(response)
            length += sum(map(len, response)) + len(response)
        name = f"rollout-{source.now:%Y-%m-%dT%H-%M-%S}-{thread}.jsonl"
        total += (folder / name).write_bytes(("\n".join(lines) + "\n").encode())
    return Written(files, total, calls)


_COUNTS = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")


def _codex_head(source: _Source, thread: str, cwd: str) -> list[str]:
    meta = {
        "session_id": thread,
        "id": thread,
        "timestamp": source.tick(),
        "cwd": cwd,
        "originator": "codex-tui",
        "cli_version": "0.160.0",
        "source": "cli",
        "model_provider": "openai",
        "base_instructions": {"text": source.text(12_000)},
        "git": {"commit_hash": "0" * 40, "branch": "main"},
    }
    settings = {"model": "gpt-5.1-codex", "model_provider_id": "openai"}
    lines = (
        ("session_meta", meta),
        ("turn_context", {"turn_id": source.id(), "cwd": cwd, "model": "gpt-5.1-codex", "effort": "high"}),
        ("event_msg", {"type": "thread_settings_applied", "thread_settings": settings}),
    )
    return [_codex_line(source, kind, payload) for kind, payload in lines]


def _codex_response(source: _Source, thread: str, counter: dict[str, int]) -> list[str]:
    chance = source.random
    prompt = chance.randint(5_000, 200_000)
    output = chance.randint(50, 3_000)
    last = dict(zip(_COUNTS, (prompt, prompt * 9 // 10, output, output // 3, prompt + output), strict=True))
    for name, value in last.items():
        counter[name] += value
    item = {"type": "function_call_output", "call_id": source.id(), "output": source.text(chance.randint(300, 16_000))}
    secret = {"type": "reasoning", "summary": [], "encrypted_content": "gAAAA" + "x" * chance.randint(800, 4_000)}
    record = {"thread_id": thread, "session_id": thread, "response_id": f"resp_{source.id()}", "usage": last}
    info = {"total_token_usage": dict(counter), "last_token_usage": last, "model_context_window": 258_400}
    lines = (
        ("response_item", item),
        ("response_item", secret),
        ("token_usage_record", record),
        ("event_msg", {"type": "token_count", "info": info, "rate_limits": {"limit_id": "codex"}}),
    )
    return [_codex_line(source, kind, payload) for kind, payload in lines]


def _codex_line(source: _Source, kind: str, payload: dict[str, Any]) -> str:
    return json.dumps({"timestamp": source.tick(), "type": kind, "payload": payload}, separators=(",", ":"))


def main() -> None:
    """Write both homes below a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--files", type=int, default=500)
    wanted = parser.parse_args()
    size, files = wanted.megabytes * 1_000_000, max(2, wanted.files)
    claude = claude_home(wanted.folder / ".claude", size=size * 7 // 10, files=files * 7 // 10 or 1)
    codex = codex_home(wanted.folder / ".codex", size=size * 3 // 10, files=files * 3 // 10 or 1)
    for name, home in (("Claude Code", claude), ("Codex", codex)):
        print(f"{name}: {home.files} files, {home.size / 1e6:.1f} MB, {home.calls} calls")


if __name__ == "__main__":
    main()
