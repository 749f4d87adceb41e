"""`cs export`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from codesession.app import App
from codesession.cli.options import output_option
from codesession.cli.report_options import asked, request_options
from codesession.errors import InvalidInputError

_KINDS = ("json", "csv", "ndjson", "parquet", "focus")
_FILTERS = ("since", "until", "timezone", "agents", "projects", "models", "providers", "sources")


@click.command("export")
@click.option("-f", "--format", "kind", type=click.Choice(_KINDS), help="What to write; default: json.")
@click.option("--calls", is_flag=True, help="A row for every model call instead of every session (ndjson, csv).")
@click.option("--per", type=click.Choice(["day", "call"]), help="What a row of focus stands for; default: day.")
@click.option("--account", metavar="ID", help="BillingAccountId of focus; default: local.")
@click.option(
    "-l", "--limit", type=click.IntRange(min=1), help="How many sessions or calls, newest first; default: all."
)
@output_option("The file; parquet needs one.")
@request_options
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def command(
    app: App,
    /,
    kind: str | None,
    calls: bool,
    per: str | None,
    account: str | None,
    limit: int | None,
    output: Path | None,
    as_json: bool,
    **shared: Any,
) -> None:
    """
    Write the ledger for other programs, to stdout or a file.

    json, csv: sessions, newest first. ndjson: the same, one JSON value on each line. --calls, parquet: a row for
    every model call; --since, --until and the filters choose which. focus: FOCUS 1.2 charges for finance, by day or
    by call.
    """
    from codesession.cli import exporting

    if as_json and kind not in (None, "json"):
        raise InvalidInputError(f"--json and --format {kind} exclude each other", hint="leave --json out")
    kind = kind or "json"
    _check(kind, calls=calls, per=per, account=account, limit=limit, filtered=any(shared[name] for name in _FILTERS))
    if kind == "parquet":
        if output is None:
            raise InvalidInputError("Parquet is written to a file", hint="cs export --format parquet -o calls.parquet")
        exporting.write_parquet(output, app.exports.calls(asked(app, **shared), limit=limit))
        return
    with exporting.target(output) as out:
        if kind == "focus":
            exporting.write_focus(out, app.exports, asked(app, **shared), per=per or "day", account=account)
        elif calls:
            exporting.write_calls(out, app.exports.calls(asked(app, **shared), limit=limit), kind)
        elif kind == "csv":
            exporting.write_csv(out, app.sessions, limit=limit)
        else:
            write = exporting.write_json if kind == "json" else exporting.write_ndjson
            write(out, app.sessions.export(limit=limit))


def _check(kind: str, *, calls: bool, per: str | None, account: str | None, limit: int | None, filtered: bool) -> None:
    """Options that would be passed over silently are refused."""
    if calls and kind in ("json", "focus"):
        raise InvalidInputError("--calls is for ndjson, csv and parquet", hint="cs export --format ndjson --calls")
    if (per or account) and kind != "focus":
        raise InvalidInputError("--per and --account are for --format focus")
    if limit and kind == "focus":
        raise InvalidInputError("--limit is not for --format focus", hint="choose days with --since and --until")
    if filtered and not (calls or kind in ("parquet", "focus")):
        hint = f"cs export --format {'ndjson' if kind == 'json' else kind} --calls, or `cs report`"
        raise InvalidInputError("--since, --until and filters choose calls", hint=hint)
