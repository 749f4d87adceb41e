"""`cs ci report`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import count, plain, print_json
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.services.branch_cost import BranchCost

MARKER = "<!-- codesession: cost of this pull request -->"
"""First line of the comment: by it the next run finds and replaces the comment."""
_SESSIONS = 20


@click.group("ci")
def command() -> None:
    """What a pull request cost, for its reviewers."""


@command.command("report")
@click.option("--base", metavar="REF", help="What the branch will be merged into; default: what CI or origin says.")
@click.option("--markdown", "as_markdown", is_flag=True, help="A comment for the pull request.")
@json_option
@click.pass_obj
def report(app: App, base: str | None, as_markdown: bool, as_json: bool) -> None:
    """
    What the sessions of this branch cost.

    Those that made its commits, and those that began on it since it left its base.
    """
    if as_markdown and as_json:
        raise InvalidInputError("--markdown and --json exclude each other", hint="choose one")
    cost = app.branch_costs.of(app.directory, base=base)
    if as_json:
        from codesession.contract_ci import branch_cost_json

        print_json(branch_cost_json(cost))
    else:
        click.echo("\n".join(markdown(cost) if as_markdown else words(cost)))


def words(cost: BranchCost) -> list[str]:
    """A few lines for a terminal or a log."""
    lines = [f"{plain(cost.branch or 'HEAD')} against {plain(cost.base)}: {_sum(cost)}"]
    lines += [f"  {each.totals.cost_text():>10}  {plain(each.name or '?')}" for each in cost.models]
    for session in cost.sessions:
        lines.append(f"  session {session.id} “{plain(session.name)}”")
    return lines


def markdown(cost: BranchCost) -> list[str]:
    """A comment: the sum in its first line, the rest folded."""
    lines = [MARKER, f"**AI cost of this pull request: {cost.totals.cost_text()}**", "", _sum(cost) + "."]
    if not cost.sessions:
        return lines
    lines += ["", "| Model | Calls | Tokens | Cost |", "|---|---:|---:|---:|"]
    for share in cost.models:
        totals = share.totals
        cells = (_cell(share.name or "?"), f"{totals.requests:,}", f"{totals.total_tokens:,}", totals.cost_text())
        lines.append(f"| {' | '.join(cells)} |")
    number = len(cost.sessions)
    lines += ["", f"<details><summary>{number:,} session{'s' if number != 1 else ''}</summary>", ""]
    lines += ["| Session | Calls | Files | Commits | Cost |", "|---|---:|---:|---:|---:|"]
    for session in cost.sessions[:_SESSIONS]:
        counts = (f"{each:,}" for each in (session.requests, session.files_changed, session.commits))
        lines.append(f"| {' | '.join((_cell(session.name), *counts, session.cost_text()))} |")
    if number > _SESSIONS:
        lines += ["", f"and {number - _SESSIONS:,} more"]
    return [*lines, "", "</details>"]


def _sum(cost: BranchCost) -> str:
    totals = cost.totals
    calls, commits = count(totals.requests, "call"), count(len(cost.commits), "commit")
    sessions = count(len(cost.sessions), "session")
    unpriced = f", {totals.unpriced_requests:,} of them without a known price" if totals.unpriced_requests else ""
    listed = f", {totals.list_price_requests:,} at list price" if totals.list_price_requests else ""
    return f"{totals.cost_text()} for {calls}{unpriced}{listed} in {sessions}, {commits}"


def _cell(text: str) -> str:
    """Text of a table's cell that neither ends the cell nor is Markdown, HTML or a mention."""
    escaped = "".join("\\" + c if c in "\\`*_[]#|~" else c for c in plain(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u200b")
