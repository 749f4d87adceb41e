"""`cs report`"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_rows
from codesession.cli.report_options import asked, request_options
from codesession.contract_reports import report_json, row_json
from codesession.errors import InvalidInputError

KINDS = ("daily", "weekly", "monthly", "session", "conversation", "model", "agent", "project", "blocks")

_SHOWN = 50
"""Sessions or conversations shown to a person who did not say how many, nor since when."""


@click.command("report")
@click.argument("kind", type=click.Choice(KINDS), default="daily", metavar="[KIND]")
@request_options
@click.option("-n", "--last", type=click.IntRange(1, 100_000), metavar="N", help="The last N days, weeks, rows, …")
@click.option("-b", "--breakdown", is_flag=True, help="Split every row by model (a model by agent) and sub-agents.")
@click.option("--start-of-week", type=click.Choice(["monday", "sunday"]), default="monday", help="For weekly.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV; with --breakdown a line for every part.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Write a Markdown table.")
@click.pass_obj
def command(
    app: App,
    /,
    kind: str,
    last: int | None,
    breakdown: bool,
    start_of_week: str,
    as_json: bool,
    as_csv: bool,
    as_markdown: bool,
    **shared: Any,
) -> None:
    """
    What was used and what it cost.

    KIND is daily (the default), weekly, monthly, session, conversation, model, agent, project, or blocks: the
    5-hour windows that subscriptions meter, each from the hour of its first call. Every report states how many
    calls have no known cost, are only a lower bound or stand at list price.
    """
    if as_json + as_csv + as_markdown > 1:
        raise InvalidInputError("--json, --csv and --markdown exclude each other", hint="choose one")
    request = replace(
        asked(app, **shared), last=last, breakdown=breakdown, week_start=6 if start_of_week == "sunday" else 0
    )
    for_people = not (as_json or as_csv)
    if for_people and kind in ("session", "conversation") and last is None and request.since is None:
        request = replace(request, last=_SHOWN)
    currency = app.settings.report_currency
    report = app.reports.named(kind, request)
    if as_json:
        rows = (row_json(kind, row, currency) for row in report.rows)
        print_rows(report_json(replace(report, rows=()), currency), "rows", rows)
    elif as_csv:
        from codesession.cli.report_files import write_csv

        write_csv(sys.stdout, report, currency)
    elif as_markdown:
        from codesession.cli.report_files import write_markdown

        write_markdown(sys.stdout, report, currency)
    else:
        from codesession.cli.report_tables import show_report
        from codesession.domain.report import CallFilter

        show_report(console(), report, request.zone, currency, filtered=request.where != CallFilter())
