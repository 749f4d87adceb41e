"""Settings, help, and beginning anew."""

from __future__ import annotations

import os
from pathlib import Path

from codesession.app import App
from codesession.domain.budget import BudgetScope, NewBudget
from codesession.domain.session import Session
from codesession.web.answers.help import help_of_commands
from support.web_server import Dashboard


def test_a_currency_is_set_and_dropped_without_touching_the_rest(dashboard: Dashboard) -> None:
    """Comments and other sections stay as their owner wrote them."""
    config = dashboard.home / ".codesession" / "config.toml"
    config.write_text('# mine\n[agent]\nname = "me" # kept\n')

    shown = dashboard.ask("PUT", "/api/v1/settings/currency", {"currency": {"code": "eur", "rate": "0.92"}}).json
    assert shown["currency"] == {"code": "EUR", "rate": "0.92"}
    assert config.read_text().startswith('# mine\n[agent]\nname = "me" # kept\n')

    assert dashboard.ask("PUT", "/api/v1/settings/currency", {"currency": None}).json["currency"] is None
    for rate in ("0", "1e-400", "1e9"):
        asked = {"currency": {"code": "EUR", "rate": rate}}
        assert dashboard.ask("PUT", "/api/v1/settings/currency", asked).status == 400
    asked = {"currency": {"code": "EUR", "rate": "1.23456789012345678901234e-6"}}
    assert dashboard.ask("PUT", "/api/v1/settings/currency", asked).status == 200


def test_a_home_whose_name_is_no_utf8_is_shown_spelled(tmp_path: Path) -> None:
    """Settings, prices and errors name files in it; neither page opened."""
    with Dashboard(tmp_path / os.fsdecode(b"jos\xe9")) as dashboard:
        assert dashboard.get("/api/v1/settings")["ledger"].endswith("jos\\xe9/.codesession/sessions.db")
        assert "jos\\xe9" in dashboard.get("/api/v1/prices?limit=1")["overridesPath"]
        (dashboard.home / ".codesession" / "pricing.json").write_text("{")
        assert dashboard.ask("GET", "/api/v1/prices?limit=1").json["error"]["code"] == "invalid_input"


def test_beginning_anew_needs_the_words_and_leaves_a_backup(dashboard: Dashboard, session: Session) -> None:
    """Not while something runs, whose calls would have no place; budgets for everything stay."""
    app = dashboard.app
    app.budgets.set(NewBudget(scope=BudgetScope.GLOBAL, limit_picousd=10**12))
    assert dashboard.ask("POST", "/api/v1/reset", {"confirm": "yes"}).status == 400
    assert dashboard.ask("POST", "/api/v1/reset", {"confirm": "start fresh"}).status == 400
    app.sessions.end(session.id, app.directory)

    done = dashboard.ask("POST", "/api/v1/reset", {"confirm": dashboard.get("/api/v1/settings")["resetPhrase"]}).json

    assert (done["sessions"], done["calls"]) == (1, 3)
    assert dashboard.get("/api/v1/sessions")["found"] == 0
    assert dashboard.get("/api/v1/usage")["usage"]["calls"] == 0
    assert len(dashboard.get("/api/v1/budgets")["budgets"]) == 1
    backup = Path(done["backup"])
    assert backup.stat().st_mode & 0o077 == 0
    before = App({"HOME": str(dashboard.home), "CODESESSION_DB_PATH": str(backup)})
    assert before.store.stats().requests == 3
    before.close()


def test_help_comes_from_the_commands_themselves(dashboard: Dashboard) -> None:
    """Every command, with its options, also those inside groups."""
    from codesession.cli.main import COMMANDS, cli

    found = help_of_commands(dashboard.app, cli)

    assert [command.name for command in found.commands] == [f"cs {name}" for name in COMMANDS]
    run = next(command for command in found.commands if command.name == "cs run")
    assert any("--budget" in option.names for option in run.options) and run.usage.startswith("cs run ")
    pricing = next(command for command in found.commands if command.name == "cs pricing")
    assert "cs pricing set" in [command.name for command in pricing.commands]
