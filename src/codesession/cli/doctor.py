"""`cs doctor`"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.findings import show_findings
from codesession.cli.options import json_option
from codesession.domain.finding import Finding, failed, passed
from codesession.errors import CodesessionError
from codesession.settings import DEFAULT_PROXY_PORT

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("doctor")
@json_option
@click.pass_obj
def command(app: App, as_json: bool) -> int:
    """
    Check the whole installation and say what to do.

    Looks at settings, ledger, waiting calls, prices, git, the proxy's port, agents and hooks. Changes nothing but
    this: calls that had to wait for the ledger are recorded if they can be. `cs proxy doctor` tests the proxy.
    """
    try:
        settings = app.settings
    except CodesessionError as error:
        return show_findings([failed("settings", error.message, hint=error.hint)], as_json=as_json)
    return show_findings(
        [
            _settings(settings.home),
            _time_zone(app),
            *_ledger(app),
            *_prices(app),
            *_surroundings(app),
        ],
        as_json=as_json,
    )


def _settings(home: Path) -> Finding:
    file = home / "config.toml"
    return passed("settings", f"{file} is read" if file.exists() else f"{file} is not there: all defaults")


def _time_zone(app: App) -> Finding:
    try:
        app.zone  # noqa: B018  # read now
    except CodesessionError as error:
        return failed("time zone", f"{error.message}; budgets cut their days in UTC", hint=error.hint)
    return passed("time zone", "days are cut where you are")


def _ledger(app: App) -> list[Finding]:
    from codesession.services import doctor

    settings, spool, path = app.settings, app.spool, app.settings.ledger_path
    waited = spool.waiting()
    findings = [] if settings.ledger_url else doctor.check_ledger(path, app.inspect_ledger)
    if path.exists() or settings.ledger_url:
        findings += _opened(app)
    files = [settings.home, path, path.with_name(path.name + "-wal"), spool.path, spool.rejects]
    return [*findings, *doctor.check_spool(spool, waited), doctor.check_privacy([*files, settings.price_overrides])]


def _opened(app: App) -> list[Finding]:
    """Open the ledger as every command does, which takes in what waits; its failure is a line already."""
    from codesession.services import doctor

    try:
        lacking = app.exports.lacking(app.store.unpriced_models())
    except CodesessionError as error:
        return [doctor.check_opening(app.settings.ledger_name, error)]
    opened = [doctor.check_opening(app.settings.ledger_name, None)]
    if app.settings.ledger_url:  # of a file it is known already
        opened.append(doctor.check_recording(app.check_writing))
    return [*opened, *doctor.check_costs(lacking)]


def _prices(app: App) -> list[Finding]:
    from codesession.services import doctor

    def read() -> tuple[str, int | None, bool]:
        from codesession.prices.update import freshness

        version, _ = app.prices.edition  # which reads the user's own prices, too
        fresh = freshness(str(version), datetime.now(UTC).date().isoformat())
        return fresh.version, fresh.age_days, fresh.stale

    return [doctor.check_prices(read)]


def _surroundings(app: App) -> list[Finding]:
    from codesession.services import doctor
    from codesession.services.agent_hooks import installing

    user = app.settings.home.parent
    states = {
        agent: partial(installing.state, agent, installing.settings_path(agent, app.environment, user))
        for agent in installing.EVENTS
    }
    return [
        doctor.check_git(),
        doctor.check_port(app.settings.proxy_port or DEFAULT_PROXY_PORT),
        doctor.check_libraries(),
        doctor.check_agents(_homes(app)),
        *doctor.check_hooks(states),
    ]


def _homes(app: App) -> Mapping[str, list[Path]]:
    from codesession.importers.registry import load, names

    places = app.places
    return {name: load(name).homes(places) for name in names()}
