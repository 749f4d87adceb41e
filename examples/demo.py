"""
`make demo`: the example agent under `cs run`, in a repository of its own; then again with a budget that stops it.

With ANTHROPIC_API_KEY and OPENAI_API_KEY set it asks the real providers and records into your ledger. Without,
it starts a local stand-in and keeps the made-up calls in a ledger of the demo.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
DEMO = EXAMPLES.parent / ".demo"
CS = Path(sys.executable).with_name("cs.exe" if os.name == "nt" else "cs")


def repository() -> Path:
    """A fresh git repository for the agent to work in."""
    shutil.rmtree(DEMO, ignore_errors=True)
    folder = DEMO / "shop"
    folder.mkdir(parents=True)
    for arguments in (
        ["init", "--quiet"],
        ["config", "user.name", "Demo"],
        ["config", "user.email", "demo@example.com"],
        ["commit", "--quiet", "--allow-empty", "--message", "Begin"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def environment() -> tuple[dict[str, str], bool]:
    """The agent's environment, and whether the providers are the real ones."""
    values = dict(os.environ)
    if values.get("ANTHROPIC_API_KEY") and values.get("OPENAI_API_KEY"):
        return values, True
    from local_provider import Provider

    url = Provider().start().url
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "OPENAI_BASE_URL"):
        values.pop(name, None)
    values |= {
        "ANTHROPIC_API_KEY": "demo",
        "OPENAI_API_KEY": "demo",
        "CODESESSION_UPSTREAM_ANTHROPIC": url,
        "CODESESSION_UPSTREAM_OPENAI": url,
        "CODESESSION_DB_PATH": str(DEMO / "sessions.db"),
    }
    return values, False


def main() -> int:
    """Run the agent, run it into a budget, then say where to look."""
    folder = repository()
    values, real = environment()
    where = "the real providers" if real else "a local stand-in for the providers (no API keys are set)"
    agent = ["--", sys.executable, EXAMPLES / "agent.py"]
    print(f"$ cs run -- python examples/agent.py      # against {where}\n", flush=True)
    done = subprocess.run([CS, "run", "--name", "Demo", *agent], cwd=folder, env=values, check=False)
    print("\n$ cs run --budget 0.001 -- python examples/agent.py      # its second call is refused\n", flush=True)
    subprocess.run(
        [CS, "run", "--name", "Demo with a budget", "--budget", "0.001", *agent], cwd=folder, env=values, check=False
    )
    ledger = "" if real else f"CODESESSION_DB_PATH={os.path.relpath(DEMO / 'sessions.db')} "
    cs = os.path.relpath(CS)
    print("\nLook further:")
    for words, what in (
        ("dashboard", "everything in the browser (`make dashboard` builds its page)"),
        (f"show{'' if real else ' 1'} --files --commits", f"the {'newest' if real else 'first'} session, whole"),
        ("list", "every session"),
        ("pricing list claude", "what models cost"),
        ("--help", "every command"),
    ):
        print(f"  {ledger}{cs} {words:24} # {what}")
    print("\nYour own agent: cs run -- your-agent")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
