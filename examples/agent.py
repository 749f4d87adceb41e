"""
A small agent: asks two providers with their official SDKs, streaming and not, writes a file and commits it.

Nothing in it knows about codesession. Run it with `cs run -- python examples/agent.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from anthropic import Anthropic, PermissionDeniedError
from openai import OpenAI

CLAUDE = "claude-sonnet-5-5"
GPT = "gpt-6.1-sol"
GUIDE = "You review small Python projects. Be brief, name the line, propose the change. " * 40
QUESTION = "Our checkout sums rounded prices and is off by a cent. What is the fix?"


def ask_claude(client: Anthropic) -> str:
    """Once as a whole, once as a stream; the long system prompt is written to the cache, then read from it."""
    system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]
    messages = [{"role": "user", "content": QUESTION}]
    client.messages.create(model=CLAUDE, max_tokens=400, system=system, messages=messages)
    with client.messages.stream(model=CLAUDE, max_tokens=400, system=system, messages=messages) as stream:
        return "".join(stream.text_stream)


def ask_gpt(client: OpenAI) -> str:
    """Chat Completions as a stream that does not even ask for its usage, then Responses both ways."""
    messages = [{"role": "user", "content": QUESTION}]
    chunks = client.chat.completions.create(model=GPT, messages=messages, stream=True)
    answer = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    client.responses.create(model=GPT, input=QUESTION)
    with client.responses.stream(model=GPT, input="And the test for it?") as stream:
        for _ in stream:
            pass
    return answer


def main() -> None:
    """Ask, write down, commit; a provider that says no ends it."""
    try:
        advice = [ask_claude(Anthropic()), ask_gpt(OpenAI())]
    except PermissionDeniedError as error:
        sys.exit(f"agent: stopped: {error.body['error']['message']}")
    Path("ADVICE.md").write_text("\n\n".join(text.strip() for text in advice) + "\n", "utf-8")
    subprocess.run(["git", "add", "ADVICE.md"], check=True)
    subprocess.run(["git", "commit", "--quiet", "--message", "Write down how to round"], check=True)
    print("agent: asked 5 times, wrote ADVICE.md, committed it")


if __name__ == "__main__":
    main()
