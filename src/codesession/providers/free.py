"""
Requests that change something and cost nothing.

Providers add ways to spend money faster than anybody can list them: what is neither a billed call known to `routes` nor
in here may be one.
"""

from __future__ import annotations

import re

from codesession.providers.routes import as_servers_read

_FREE = re.compile(
    "(?:"
    r"/(?:count_tokens|count-tokens|input_tokens|tokenize|tokenize-text|detokenize|estimate-token-count)"
    r"|:(?:countTokens|computeTokens|fetchPredictOperation)|/models/count-tokens:rawPredict"
    r"|/[^/]+[/:](?:cancel|pause|reject|hangup|refer|delete|archive)"
    r"|/(?:files|uploads|skills)(?:/.*)?|/files:register"
    r"|/moderations|/chat/completions/[^/]+|/assistants(?:/[^/]+)?|/threads(?:/[^/]+(?:/messages(?:/[^/]+)?)?)?"
    r"|/conversations(?:/[^/]+(?:/items)?)?|/evals(?:/[^/]+)?|/graders/validate|/organization/.+"
    r"|/v1/(?:agents|environments|vaults|organizations/.+)|/v1/(?:agents|environments|vaults)/[^/]+"
    r"|/v1internal:(?:load|onboard|count|record|set|get|list|fetch|retrieve)\w*"
    r"|/api/(?:event_logging|oauth|claude_code|claude_cli)\w*(?:/.*)?"
    r"|/api/(?:show|pull|push|create|copy)|/api/blobs/.+|/models/(?:load|unload|download)"
    r"|/(?:keys|guardrails)(?:/[^/]+)?|/auth/keys(?:/code)?|/oauth/token"
    ")$"
)
"""Counting, uploading, cancelling, reporting; what keeps things without working on them."""

_PAID = re.compile(r"(?:/vector_stores/[^/]+/files|/agents/automations)$")
"""What looks like that: files that are kept by gigabyte and day, agents that run at their time."""


def may_cost(method: str, path: str) -> bool:
    """Whether a request that is no billed call known here might be one all the same."""
    plain = as_servers_read(path.partition("?")[0].rstrip("/"))
    return method.upper() == "POST" and bool(_PAID.search(plain) or not _FREE.search(plain))
