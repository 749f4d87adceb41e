"""Rules and breaches in the ledger."""

from __future__ import annotations

from codesession.domain.alerts import AlertKind, NewBreach
from codesession.store.alerting import SqlAlerts
from codesession.store.database import Database
from support.ledger import NOW_MS

BREACH = NewBreach(key="k", kind="budget", message="used up", spent_picousd=2, limit_picousd=1, percent=100, rule_id=3)


def test_a_breach_is_new_once(database: Database) -> None:
    """Its key decides, for every process and for ever."""
    alerts = SqlAlerts(database)
    (kept,) = alerts.add_breaches([BREACH, BREACH], at_ms=NOW_MS)
    assert (kept.key, kept.noticed_at_ms, kept.percent) == ("k", NOW_MS, 100)
    assert SqlAlerts(database).add_breaches([BREACH], at_ms=NOW_MS + 1) == []
    assert alerts.breaches(limit=5) == [kept]


def test_a_silent_breach_is_kept_and_not_shown(database: Database) -> None:
    """It was passed together with a higher level."""
    alerts = SqlAlerts(database)
    silent = NewBreach(key="s", kind="budget", message="x", spent_picousd=1, limit_picousd=1, silent=True)
    assert alerts.add_breaches([silent], at_ms=NOW_MS) == []
    assert alerts.breaches(limit=5) == []


def test_a_breach_is_open_until_it_is_ended(database: Database) -> None:
    """And holds what went wrong when it was told."""
    alerts = SqlAlerts(database)
    (kept,) = alerts.add_breaches([BREACH], at_ms=NOW_MS)
    assert (alerts.is_open(3), alerts.is_open(4)) == (True, False)
    alerts.end_breaches(3, at_ms=NOW_MS + 5)
    alerts.note_problem([kept.id], "nobody there")
    (ended,) = alerts.breaches(limit=5)
    assert (ended.ended_at_ms, ended.problem, alerts.is_open(3)) == (NOW_MS + 5, "nobody there", False)


def test_an_address_shows_nothing_secret(database: Database) -> None:
    """Tokens are part of the URL."""
    rule = SqlAlerts(database).add_rule(
        AlertKind.NOTIFY, uid="u", limit_picousd=None, percent=None, url="tgram://token/chat", project=None, at_ms=1
    )
    assert rule.masked_url == "tgram://…"
    assert SqlAlerts(database).rules() == [rule]
