"""
The examples for frameworks, each run as its reader would run it, against the local stand-in.

LiteLLM and LlamaIndex bring half a gigabyte along and want an older OpenAI SDK than the other tests: `make frameworks`
makes an environment for them inside ours. In CI nothing is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from support.shell import Shell

EXAMPLES = Path(__file__).parents[2] / "examples" / "frameworks"
OTHER = str(Path(sys.prefix) / "frameworks" / "bin" / "python")

FRAMEWORKS = {
    "langchain_anthropic": ("langchain_agent.py", {"LangChain": 2}),
    "pydantic_ai": ("pydantic_ai_agent.py", {"How do I round prices?": 1, "How do I test it?": 1}),
    "litellm": ("litellm_agent.py", {"LiteLLM": 1}),
    "llama_index.llms.openai": ("llama_index_agent.py", {"LlamaIndex": 2}),
}


def interpreter_with(package: str) -> str:
    """A Python that has the framework; skips the test where there is none, but in CI."""
    if _is_here(package):
        return sys.executable
    if not Path(OTHER).exists() and not os.environ.get("CI"):
        pytest.skip(f"{package} is not installed: make frameworks")
    return OTHER


def _is_here(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # nor is what holds it
        return False


def _run(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, **options)


@pytest.mark.parametrize("package", list(FRAMEWORKS))
def test_every_call_of_the_framework_is_counted_and_priced(user: Shell, package: str) -> None:
    """Each session of the example with its calls, all of them with a price."""
    example, expected = FRAMEWORKS[package]
    python = interpreter_with(package)
    environment = user.environment(CODESESSION_DB_PATH=str(user.ledger))
    done = _run(python, str(EXAMPLES / example), env=environment, cwd=user.cwd)
    assert done.returncode == 0, done.stderr
    sessions = user.ok("list", "--json", env={"CODESESSION_DB_PATH": str(user.ledger)})
    assert {session["name"]: session["aiCalls"] for session in sessions} == expected
    assert all(session["aiCost"] > 0 and session["unpricedCalls"] == 0 for session in sessions)


def test_every_example_is_tested() -> None:
    """A new one needs its line above."""
    assert {path.name for path in EXAMPLES.glob("*_agent.py")} == {example for example, _ in FRAMEWORKS.values()}
