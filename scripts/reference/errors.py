"""The errors, from the tree in `codesession.errors`."""

from __future__ import annotations

import inspect
import re

from codesession import errors
from codesession.errors import CodesessionError
from reference.markdown import code, document, table

INTRO = """
Under `--json` an error is one JSON value on stdout:

```json
{"schemaVersion": 1, "codesessionVersion": "…", "error": {"code": "no_active_session", "message": "…", "hint": "…"}}
```

Without it, `error: …` and `hint: …` stand on stderr. Codes are stable, messages are for people. The dashboard's API
answers with the same envelope; the Python API raises `BudgetExceededError` and the others below as exceptions.
"""

STATUSES = (
    ("0", "done"),
    ("1", "an error, with one of the codes above; `cs doctor` and `cs proxy doctor` found something that fails"),
    ("2", "`cs hook` refuses a prompt, as its agent wants to be told"),
    ("3", "`cs budget check`: a budget that stops leaves nothing, or not what `--cost` asks for (`budget_exceeded`)"),
    (
        "127, 126, 128 + n",
        "`cs run`: the command is not there, cannot be run, was ended by signal n; else its own status",
    ),
    ("130", "Ctrl+C"),
    ("141", "the reader of stdout went away (`cs list | head`)"),
)


def page_rows() -> list[tuple[str, str, str, str]]:
    """Code, facts that stand beside it, meaning, class."""
    facts = dict(re.findall(r"[├└]── (\w+) +\w+(.*)", errors.__doc__ or ""))
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CodesessionError)]
    order = list(facts)
    known = sorted(
        (kind for kind in kinds if kind is not CodesessionError), key=lambda kind: order.index(kind.__name__)
    )
    return [
        (
            code(kind.code),
            ", ".join(code(fact.strip()) for fact in facts[kind.__name__].split(",") if fact.strip()),
            inspect.cleandoc(kind.__doc__ or ""),
            code(kind.__name__),
        )
        for kind in known
    ]


def page() -> str:
    """docs/reference/errors.md"""
    return document(
        "Errors",
        INTRO,
        table(["code", "beside it", "means", "class"], page_rows()),
        "## Exit status",
        table(["status", "means"], STATUSES),
    )
