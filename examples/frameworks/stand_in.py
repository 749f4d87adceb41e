"""
Where the examples send their calls: to the real provider when its key is set, else to the local stand-in.

Made-up calls are kept in a ledger of their own, so that they never mix with yours.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def anthropic_endpoint() -> dict[str, str]:
    """`base_url` and `api_key` for Claude."""
    return _endpoint("ANTHROPIC_API_KEY", "https://api.anthropic.com", "")


def openai_endpoint() -> dict[str, str]:
    """`base_url` and `api_key` for GPT."""
    return _endpoint("OPENAI_API_KEY", "https://api.openai.com/v1", "/v1")


def _endpoint(variable: str, real: str, ending: str) -> dict[str, str]:
    if key := os.environ.get(variable):
        return {"base_url": real, "api_key": key}
    from local_provider import Provider

    os.environ.setdefault("CODESESSION_DB_PATH", str(Path(tempfile.mkdtemp()) / "sessions.db"))
    return {"base_url": Provider().start().url + ending, "api_key": "demo"}
