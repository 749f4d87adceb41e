"""Alert rules and breaches in SQL, on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesession.domain.alerts import AlertKind, AlertRule, Breach, NewBreach
from codesession.store import rows
from codesession.store.database import Database, Row

_RULE = ("id", "uid", "kind", "limit_picousd", "percent", "url", "project", "created_at_ms")
_BREACH = (
    "id",
    "breach_key",
    "kind",
    "budget_id",
    "rule_id",
    "session_id",
    "percent",
    "spent_picousd",
    "limit_picousd",
    "message",
    "noticed_at_ms",
    "ended_at_ms",
    "problem",
)
_NEW_BREACH = _BREACH[1:-2]

_RULES = f"SELECT {', '.join(_RULE)} FROM alert_rules"
_SAME_RULE = (
    f"{_RULES} WHERE kind = :kind AND COALESCE(limit_picousd, 0) = COALESCE(:limit_picousd, 0)"
    " AND COALESCE(percent, 0) = COALESCE(:percent, 0) AND COALESCE(url, '') = COALESCE(:url, '')"
    " AND COALESCE(project, '') = COALESCE(:project, '')"
)
_INSERT_RULE = (
    f"INSERT INTO alert_rules ({', '.join(_RULE[1:])}) VALUES ({', '.join(':' + name for name in _RULE[1:])})"
)
_INSERT_BREACH = (
    f"INSERT INTO alert_breaches ({', '.join(_NEW_BREACH)}) VALUES ({', '.join(':' + name for name in _NEW_BREACH)})"
    f" ON CONFLICT (breach_key) DO NOTHING RETURNING {', '.join(_BREACH)}"
)
_KNOWN = "SELECT 1 FROM alert_breaches WHERE breach_key = :breach_key"
_BREACHES = f"SELECT {', '.join(_BREACH)} FROM alert_breaches WHERE message <> '' ORDER BY noticed_at_ms DESC, id DESC"


class SqlAlerts:
    """Implements `store.base_alerts.AlertStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_rule(
        self,
        kind: AlertKind,
        *,
        uid: str,
        limit_picousd: int | None,
        percent: int | None,
        url: str | None,
        project: str | None,
        at_ms: int,
    ) -> AlertRule:
        """Keep a rule or an address; one that is there already comes back as it is."""
        params = {
            "uid": uid,
            "kind": str(kind),
            "limit_picousd": limit_picousd,
            "percent": percent,
            "url": None if url is None else rows.text(url),
            "project": None if project is None else rows.text(project),
            "created_at_ms": at_ms,
        }
        with self._db.transaction():
            if not self._db.query(_SAME_RULE, params):
                self._db.execute(_INSERT_RULE, params)
            return _rule_of(self._db.query(_SAME_RULE, params)[0])

    def rules(self) -> list[AlertRule]:
        """Every rule and address, oldest first."""
        return [_rule_of(row) for row in self._db.query(f"{_RULES} ORDER BY id")]

    def remove_rule(self, rule_id: int) -> bool:
        """Drop one; False if there was none."""
        return self._db.execute("DELETE FROM alert_rules WHERE id = :id", {"id": rule_id}) > 0

    def add_breaches(self, breaches: Sequence[NewBreach], *, at_ms: int) -> list[Breach]:
        """Keep those that are new and return them; a key is known for ever, and of those nothing is written."""
        new = [breach for breach in breaches if not self._db.query(_KNOWN, {"breach_key": rows.text(breach.key)})]
        if not new:
            return []
        found: list[Breach] = []
        with self._db.transaction():
            for breach in new:
                params = {name: getattr(breach, name, None) for name in _NEW_BREACH}
                message = "" if breach.silent else rows.text(breach.message)
                params |= {"breach_key": rows.text(breach.key), "message": message, "noticed_at_ms": at_ms}
                found += [_breach_of(row) for row in self._db.query(_INSERT_BREACH, params)]
        return [breach for breach in found if breach.message]

    def is_open(self, rule_id: int) -> bool:
        """Whether a rule's last breach has not ended."""
        sql = "SELECT 1 FROM alert_breaches WHERE rule_id = :rule_id AND ended_at_ms IS NULL LIMIT 1"
        return bool(self._db.query(sql, {"rule_id": rule_id}))

    def end_breaches(self, rule_id: int, *, at_ms: int) -> None:
        """A rule's limit is kept again."""
        sql = "UPDATE alert_breaches SET ended_at_ms = :at_ms WHERE rule_id = :rule_id AND ended_at_ms IS NULL"
        self._db.execute(sql, {"rule_id": rule_id, "at_ms": at_ms})

    def note_problem(self, breach_ids: Sequence[int], problem: str) -> None:
        """Why word of breaches did not get through."""
        sql = "UPDATE alert_breaches SET problem = :problem WHERE id = :id"
        with self._db.transaction():
            self._db.execute_many(sql, [{"id": each, "problem": rows.text(problem)} for each in breach_ids])

    def breaches(self, *, limit: int) -> list[Breach]:
        """The newest breaches that were told, newest first."""
        return [_breach_of(row) for row in self._db.query(f"{_BREACHES} LIMIT :limit", {"limit": limit})]


def _rule_of(row: Row) -> AlertRule:
    values: dict[str, Any] = dict(zip(_RULE, row, strict=True))
    return AlertRule(**{**values, "kind": AlertKind(values["kind"])})


def _breach_of(row: Row) -> Breach:
    values: dict[str, Any] = dict(zip(_BREACH, row, strict=True))
    return Breach(key=values.pop("breach_key"), **values)
