"""Every setting. The keys and variables are the code's; what they mean is said here, and nothing may be missing."""

from __future__ import annotations

import re
from pathlib import Path

from codesession import settings
from reference.markdown import code, document, table

SOURCE = Path(settings.__file__).parent

INTRO = """
A flag wins over the environment, the environment over `~/.codesession/config.toml`, the file over the default. A section or key
that is not known, or a value of the wrong kind, is an error that names it: `invalid_input`. `cs doctor` reads the file too.

```toml
[proxy]
port = 4000
inject_usage = true

[upstreams]
anthropic = "https://gateway.example/anthropic"

[budget]
unpriced = "refuse"
```
"""

KEYS = {
    "ledger.path": ("CODESESSION_DB_PATH", "~/.codesession/sessions.db", "The ledger's file."),
    "ledger.url": (
        "CODESESSION_DATABASE_URL",
        "",
        "A [PostgreSQL database](../postgresql.md) instead of the file. The variable CODESESSION_DB_PATH beats this key.",
    ),
    "agent.name": ("CODESESSION_AGENT_NAME", "", "Under which name calls are recorded whose agent cannot be told."),
    "proxy.port": ("", "3739, or a free one", "The proxy's port; `--port` wins."),
    "proxy.inject_usage": ("", "true", "Ask OpenAI-style chat streams for their usage."),
    "upstreams.NAME": (
        "CODESESSION_UPSTREAM_NAME",
        "the provider's own",
        "Base URL of a provider, or of one of your own that speaks OpenAI's format.",
    ),
    "aliases.MODEL": ("", "", "A model name of yours, and the model whose price it has."),
    "budget.unpriced": (
        "",
        "ceiling",
        "`ceiling`: set `ceiling_usd` aside for a call without a known price. `refuse`: refuse it while a budget that stops applies.",
    ),
    "budget.ceiling_usd": ("", "1.00", "What is set aside for such a call."),
    "report.currency": ("", "", "Three letters: reports show this currency beside dollars."),
    "report.rate": ("", "", "How much of it one US dollar is."),
    "import.titles": ("", "false", "Name imported sessions by the beginning of their first prompt."),
    "metrics.serve": (
        "CODESESSION_METRICS",
        "false",
        "Answer `GET /metrics` on proxy and dashboard (`1` in the variable).",
    ),
}

VARIABLES = {
    "CODESESSION_SESSION_ID": "The session that commands mean. `cs run` sets it for its command.",
    "CODESESSION_REFUSALS": "Where a run inside tells that a budget of this one refused a call. `cs run --on-budget kill` sets it.",
    "CODESESSION_DASHBOARD_TOKEN": "The dashboard's token; at least 16 characters. Default: a new one at every start.",
    "CODESESSION_MCP_TOKEN": "The token of `cs mcp --http`; at least 16 characters. Default: a new one at every start.",
    "CODESESSION_OTEL": "`1`: tell an [OpenTelemetry](../exports.md#opentelemetry) collector of every call that the proxy records.",
    "CODESESSION_UPSTREAM_": "",
    "TZ": "Where days begin and end.",
    "NO_COLOR": "No colours.",
    "GH_HOST": "Where `cs today` asks for pull requests beside github.com.",
    "HTTP_PROXY, HTTPS_PROXY, NO_PROXY": "How the proxy reaches providers.",
}

FILES = (
    ("sessions.db", "the ledger; `-wal` and `-shm` beside it belong to it"),
    ("sessions.db.spool", "calls that wait for the ledger"),
    ("config.toml", "settings, as above"),
    ("pricing.json", "your own prices (`cs pricing set`)"),
    ("prices/", "prices that `cs pricing update` fetched"),
    ("dashboard-….json", "where a running dashboard is, with its token"),
)


def page() -> str:
    """docs/reference/settings.md; raises when a key or variable is not described, or is described and gone."""
    _complete()
    keys = [
        (code(key), code(variable), default and code(default), text) for key, (variable, default, text) in KEYS.items()
    ]
    variables = [(code(name) if "," not in name else name, text) for name, text in VARIABLES.items() if text]
    return document(
        "Settings",
        INTRO,
        table(["key in config.toml", "environment", "default", "means"], keys),
        "## Environment only",
        table(["variable", "means"], variables),
        "Where agents keep their logs is read from the agents' own variables: see [Importing](../importing.md#agents).",
        "## Files in `~/.codesession`",
        "`cs` makes the folder readable by you alone (0700). The ledger may be elsewhere; the other files stay here.",
        table(["file", "holds"], [(code(name), text) for name, text in FILES]),
    )


def _complete() -> None:
    known = settings._KNOWN
    keys = {f"{section}.{key}" for section, names in known.items() for key in names or ()}
    keys |= {"upstreams.NAME", "aliases.MODEL"}
    sources = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r"\bCODESESSION_[A-Z_]+", sources)) - {"CODESESSION_UPSTREAM_ANTHROPIC"}
    described = {*VARIABLES, *(variable for variable, _, _ in KEYS.values())}
    wrong = (
        keys ^ set(KEYS)
        | used - described
        | {name for name in described if name.startswith("CODESESSION") and name not in used}
        - {"CODESESSION_UPSTREAM_NAME"}
    )
    if wrong:
        raise SystemExit(f"reference/settings.py does not fit the code: {', '.join(sorted(wrong))}")
