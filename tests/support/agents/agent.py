"""
Stands in for an agent under the names in `NAMES`: arguments, headers and endpoint of the real one, two real calls.

Like the real ones it says on stderr what a provider (or a budget) answered instead, and then exits with 1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ANTHROPIC = ("ANTHROPIC_BASE_URL", "CODESESSION_UPSTREAM_ANTHROPIC", "/v1/messages", "claude-sonnet-5-5")
OPENAI = ("OPENAI_BASE_URL", "CODESESSION_UPSTREAM_OPENAI", "/responses", "gpt-6.1-sol")

NAMES = {
    "claude": (ANTHROPIC, "claude-cli/2.1.330 (external, sdk-cli)"),
    "codex": (OPENAI, "codex_exec/0.169.0 (Linux; x86_64)"),
    "your-agent": (ANTHROPIC, "your-agent/1.0"),
}


def main(arguments: list[str]) -> int:
    """Ask twice, write one file, commit it."""
    (variable, upstream, path, model), user_agent = NAMES[Path(sys.argv[0]).name]
    url = _option(arguments, "openai_base_url=") or (os.environ.get(variable) if variable != OPENAI[0] else None)
    url = url or os.environ[upstream] + ("/v1" if path == OPENAI[2] else "")
    for number in range(2):
        try:
            _ask(url + path, model, user_agent)
        except urllib.error.HTTPError as refused:
            error = json.loads(refused.read())["error"]
            sys.stderr.write(f"API Error: {refused.code} {error['message']}\n")
            return 1
        Path("ADVICE.md").write_text("Round once, at the end.\n" * (number + 1), "utf-8")
    subprocess.run(["git", "add", "ADVICE.md"], check=True)
    subprocess.run(["git", "commit", "--quiet", "--allow-empty", "-m", "Write down how to round"], check=True)
    print("Round once, at the end.")
    return 0


def _ask(url: str, model: str, user_agent: str) -> None:
    question = [{"role": "user", "content": "fix the rounding " * 400}]
    body = {"model": model, "max_tokens": 400, "messages": question, "input": question}
    headers = {"Content-Type": "application/json", "User-Agent": user_agent, "x-api-key": "key"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def _option(arguments: list[str], start: str) -> str | None:
    """Codex takes its endpoint from its configuration only: `-c openai_base_url=…`."""
    found = [each.removeprefix(start).strip('"') for each in arguments if each.startswith(start)]
    return found[0] if found else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
