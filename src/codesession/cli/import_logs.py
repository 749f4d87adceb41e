"""`cs import`"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import FilledPath, json_option
from codesession.cli.output import say, show, warn
from codesession.cli.report_options import since_ms
from codesession.contract_imports import import_json
from codesession.domain.facts import replace
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.services.importing.outcome import ImportOutcome
    from codesession.services.importing.service import ImportRequest

_LOOK_MS = 3_000
"""How often `--watch` looks for folders of further agents."""


def _agents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of agents that go on like this, for Tab; none twice."""
    from codesession.importers.registry import names

    given = ctx.params.get(param.name or "") or ()
    return [name for name in names() if name.startswith(incomplete) and name not in given]


@click.command("import")
@click.argument("agents", nargs=-1, metavar="[AGENT]...", shell_complete=_agents)
@click.option(
    "--path", type=FilledPath(path_type=Path), metavar="DIR", help="Logs in this folder instead of the agents' own."
)
@click.option("--since", metavar="DATE", help="Only calls from this day on: 2026-11-22, 20261122, today, 7d.")
@click.option("--dry-run", is_flag=True, help="Tell what would be imported; the ledger is not touched.")
@click.option("--watch", is_flag=True, help="Go on, and import what agents write as they write it; Ctrl+C ends it.")
@json_option
@click.pass_obj
def command(
    app: App, agents: tuple[str, ...], path: Path | None, since: str | None, dry_run: bool, watch: bool, as_json: bool
) -> None:
    """
    Import agents' own logs: every call once, charged to the session that made it.

    AGENT is claude-code, codex, …; without one, every agent whose logs are found. Importing again reads only what
    is new and changes nothing else.
    """
    from codesession.services.importing.service import ImportRequest

    if watch and (dry_run or as_json):
        raise InvalidInputError("--watch goes with neither --dry-run nor --json")
    begin = None if since is None else since_ms(app, since)
    wanted = ImportRequest(agents=agents, path=path, since_ms=begin, session_id=app.settings.session_id)
    if dry_run:
        with app.on_copy() as copy:
            outcome = replace(_run(copy, wanted, as_json=as_json), dry_run=True)
    else:
        outcome = _run(app, wanted, as_json=as_json)
    _tell(outcome, as_json=as_json)
    if watch:
        _follow(app, wanted)


def _run(app: App, wanted: ImportRequest, *, as_json: bool) -> ImportOutcome:
    if as_json or not sys.stderr.isatty():
        return app.importing.run(wanted)
    from codesession.cli.import_progress import Bar

    with Bar() as bar:
        return app.importing.run(wanted, bar)


def _tell(outcome: ImportOutcome, *, as_json: bool) -> None:
    if outcome.problem:
        warn(outcome.problem)
    if any(agent.problems for agent in outcome.agents):
        from codesession.cli.import_table import problems

        for problem in problems(outcome):
            warn(problem)
    if not as_json:
        from codesession.cli.import_table import unreadable

        for line in unreadable(outcome):
            warn(line)
    show(as_json, lambda: import_json(outcome), lambda console: _table(console, outcome))


def _table(console: Console, outcome: ImportOutcome) -> None:
    from codesession.cli import import_table

    import_table.outcome(console, outcome)


def _follow(app: App, wanted: ImportRequest) -> None:
    """Import again whenever a log changes, or the folder of a further agent is there, until Ctrl+C."""
    try:
        roots = app.importing.roots(wanted)
        while True:
            where = f"watching {', '.join(map(str, roots))}" if roots else "waiting for the first folder of an agent"
            say(f"{where}; Ctrl+C ends it")
            roots = _followed(app, wanted, roots)
            _news(app.importing.run(wanted))
    except KeyboardInterrupt:  # the way to end it, also in the middle of an import: what is written is whole
        return


def _followed(app: App, wanted: ImportRequest, roots: list[Path]) -> list[Path]:
    """Follow these folders until there are others; returns those there are then."""
    from watchfiles import watch
    from watchfiles._rust_notify import WatchfilesRustInternalError

    while not roots:
        time.sleep(_LOOK_MS / 1000)
        if found := app.importing.roots(wanted):
            return found
    try:
        for changes in watch(*roots, ignore_permission_denied=True, rust_timeout=_LOOK_MS, yield_on_timeout=True):
            if changes:
                _news(app.importing.run(wanted))
            if (now := app.importing.roots(wanted)) != roots:
                return now
    except WatchfilesRustInternalError as error:  # so it answers a file whose name is no text
        warn(f"{error}; watching anew")
        time.sleep(_LOOK_MS / 1000)
    return roots


def _news(outcome: ImportOutcome) -> None:
    from codesession.cli.output import count

    for agent in outcome.agents:
        if agent.new_calls:
            say(f"{agent.title}: {count(agent.new_calls, 'new call')}")
        for problem in agent.problems:
            warn(problem)
