"""One user's day, so that every command with `--json` has something to say: a repository, sessions, logs, budgets."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

Step = tuple[str | None, list[str]]
"""A command as the page calls it (None: only prepares), and its arguments."""

TRANSCRIPT = {
    "type": "assistant",
    "timestamp": "2026-11-20T09:00:00.000Z",
    "sessionId": "0b8e3c1e-0000-4000-8000-000000000001",
    "requestId": "req_1",
    "version": "2.1.330",
    "message": {
        "id": "msg_1",
        "model": "claude-opus-5-5",
        "role": "assistant",
        "content": [],
        "usage": {"input_tokens": 1200, "cache_read_input_tokens": 9000, "output_tokens": 800},
    },
}

RECORD = {
    "id": "1",
    "provider": "anthropic",
    "api": "anthropic.messages",
    "model": "claude-opus-5-5",
    "at": "2026-11-01T12:00:00Z",
    "usage": {"input_tokens": 1200, "output_tokens": 800},
}


def repository(home: Path) -> Path:
    """Where the user works: a repository with a commit, and an agent's log of it."""
    work = home / "shop"
    work.mkdir()
    _git(work, "init", "--quiet", "-b", "main")
    _commit(work, "cart.py", "total = 1\n", "Begin")
    log = home / ".claude" / "projects" / "shop" / f"{TRANSCRIPT['sessionId']}.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps({**TRANSCRIPT, "cwd": str(work)}) + "\n", "utf-8")
    (home / "call.json").write_text(json.dumps(RECORD), "utf-8")
    return work


def steps(home: Path) -> Iterator[Step]:
    """Commands in the order in which they make sense; the repository changes on the way."""
    work, here = home / "shop", ["--json"]
    yield "cs start", ["start", "Fix the login", "--budget", "5", *here]
    yield "cs start", ["start", "Fix the login", "--resume", *here]
    known = ["-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "8000", "--completion-tokens", "2000"]
    yield "cs log-ai", ["log-ai", *known, "--agent", "reviewer", *here]
    yield "cs log-ai", ["log-ai", "-p", "acme", "-m", "own", "-t", "1000", "-c", "0.02", *here]
    yield "cs note", ["note", "the cookie was never renewed", *here]
    _commit(work, "login.py", "renew = True\n", "Renew the cookie")
    (work / "notes.txt").write_text("open\n", "utf-8")
    yield "cs status", ["status", *here]
    yield "cs budget set", ["budget", "set", "20", "--period", "week", "--scope", "project", *here]
    yield "cs budget status", ["budget", "status", *here]
    yield "cs budget check", ["budget", "check", "--cost", "0.5", *here]
    yield "cs budget list", ["budget", "list", *here]
    yield "cs budget allow", ["budget", "allow", "+5", "--budget", "1", *here]
    yield "cs live", ["live", *here]
    yield "cs end", ["end", "-n", "fixed, with a test", *here]
    yield "cs import", ["import", "claude-code", *here]
    yield "cs show", ["show", "1", "--files", "--commits", *here]
    yield "cs list", ["list", *here]
    yield "cs stats", ["stats", *here]
    yield "cs export", ["export", *here]
    yield "cs export --calls --format ndjson", ["export", "--calls", "--format", "ndjson"]
    for kind in ("daily", "model", "session", "blocks"):
        yield f"cs report {kind}", ["report", kind, "--breakdown", *here]
    yield "cs reconcile", ["reconcile", *here]
    yield None, ["today", "init"]
    yield "cs today", ["today", *here]
    yield "cs today projects", ["today", "projects", *here]
    yield "cs ci report", ["ci", "report", "--base", "main", *here]
    yield "cs alerts add", ["alerts", "add", "--rate", "5", *here]
    yield "cs alerts list", ["alerts", "list", *here]
    yield "cs alerts check", ["alerts", "check", *here]
    yield "cs pricing list", ["pricing", "list", "opus", *here]
    yield "cs pricing set", ["pricing", "set", "own", "0.5", "2", *here]
    yield "cs pricing check", ["pricing", "check", *here]
    yield "cs pricing calc", ["pricing", "calc", str(home / "call.json"), *here]
    yield "cs pricing reprice", ["pricing", "reprice", "--dry-run", *here]
    yield "cs pricing reset", ["pricing", "reset", *here]
    yield "cs setup", ["setup", "claude-code", "--yes", *here]
    yield "cs hooks status", ["hooks", "status", "claude-code", *here]
    yield "cs budget remove", ["budget", "remove", "2", *here]
    yield None, ["start", "Left open", *here]
    yield "cs recover", ["recover", "--max-age", "0", *here]
    yield "cs doctor", ["doctor", *here]


def _commit(work: Path, name: str, text: str, message: str) -> None:
    (work / name).write_text(text, "utf-8")
    _git(work, "add", name)
    _git(work, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", message)


def _git(work: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=work, check=True, capture_output=True)
