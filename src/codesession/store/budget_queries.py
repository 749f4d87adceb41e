"""
The SQL of budgets: named parameters, understood by SQLite and PostgreSQL alike.

Plain constants and nothing imported: hooks run these statements on a bare connection.
"""

from __future__ import annotations

PICO = 10**12

BUDGET_COLUMNS = (
    "id",
    "uid",
    "name",
    "scope",
    "session_id",
    "project",
    "agent_name",
    "period",
    "limit_picousd",
    "warn_percents",
    "action",
    "strict",
    "largest_call_picousd",
    "created_at_ms",
)
RESERVATION_COLUMNS = (
    "uid",
    "session_id",
    "project",
    "agent_name",
    "conversation_id",
    "provider_name",
    "request_model",
    "amount_picousd",
    "created_at_ms",
    "expires_at_ms",
)

_BUDGET = f"SELECT {', '.join(BUDGET_COLUMNS)} FROM budgets"
_NEW = tuple(name for name in BUDGET_COLUMNS if name not in ("id", "largest_call_picousd"))

BUDGETS = f"{_BUDGET} ORDER BY id"
BUDGET_BY_ID = f"{_BUDGET} WHERE id = :id"
APPLYING = (
    f"SELECT {', '.join('b.' + name for name in BUDGET_COLUMNS)}, own.session_id FROM budgets b LEFT JOIN"
    " (SELECT CAST(:session_id AS BIGINT) AS session_id"
    " UNION SELECT outer_id FROM session_nesting WHERE session_id = :session_id) own"
    " ON b.scope = 'session' AND (b.session_id = own.session_id OR b.session_id IS NULL)"
    " WHERE (b.scope = 'global' OR (b.scope = 'project' AND b.project = :project) OR own.session_id IS NOT NULL)"
    " AND (b.agent_name IS NULL OR b.agent_name = :agent_name) ORDER BY b.id, own.session_id DESC"
)
"""Budgets that a spender's calls count for; last the session whose budget it is: the spender's, or one around it."""
SAME_BUDGET = (
    f"{_BUDGET} WHERE scope = :scope AND period = :period AND COALESCE(session_id, 0) = COALESCE(:session_id, 0)"
    " AND COALESCE(project, '') = COALESCE(:project, '') AND COALESCE(agent_name, '') = COALESCE(:agent_name, '')"
    " AND COALESCE(name, '') = COALESCE(:name, '')"
)
INSERT_BUDGET = (
    f"INSERT INTO budgets ({', '.join(_NEW)}) VALUES ({', '.join(':' + name for name in _NEW)}) RETURNING id"
)
UPDATE_BUDGET = (
    "UPDATE budgets SET limit_picousd = :limit_picousd, warn_percents = :warn_percents, action = :action,"
    " strict = :strict WHERE id = :id"
)
GROW_LARGEST_CALL = (
    "UPDATE budgets SET largest_call_picousd = :amount WHERE id = :id AND largest_call_picousd < :amount"
)
DELETE_BUDGET = "DELETE FROM budgets WHERE id = :id"
DELETE_ALLOWANCES = "DELETE FROM budget_allowances WHERE budget_id = :id"
SHOW_IN_SESSION = (
    "UPDATE sessions SET budget_picousd = (SELECT MIN(b.limit_picousd + COALESCE((SELECT SUM(a.extra_picousd)"
    " FROM budget_allowances a WHERE a.budget_id = b.id), 0)) FROM budgets b WHERE b.session_id = sessions.id)"
    " WHERE id = :session_id"
)
"""What a session shows as its budget, kept in the transaction that changes one, as its counters are."""

ARMED = (
    "SELECT COUNT(*), COALESCE(MAX(strict), 0) FROM budgets b WHERE action = 'stop' AND (session_id IS NULL"
    " OR EXISTS (SELECT 1 FROM sessions s WHERE s.id = b.session_id"
    " AND (s.status = 'active' OR s.ended_at_ms >= :since_ms))"
    " OR EXISTS (SELECT 1 FROM session_nesting n JOIN sessions s ON s.id = n.session_id WHERE n.outer_id = b.session_id"
    " AND (s.status = 'active' OR s.ended_at_ms >= :since_ms)))"
)

ANYTHING_TO_WATCH = "SELECT EXISTS (SELECT 1 FROM budgets) OR EXISTS (SELECT 1 FROM alert_rules WHERE kind <> 'notify')"

INSERT_ALLOWANCE = (
    "INSERT INTO budget_allowances (budget_id, session_id, window_start_ms, extra_picousd, until_ms, created_at_ms)"
    " VALUES (:budget_id, :session_id, :window_start_ms, :extra_picousd, :until_ms, :created_at_ms)"
)
_ALLOWED = (
    "(SELECT COALESCE(SUM(extra_picousd), 0) AS extra, MAX(until_ms) AS until FROM budget_allowances"
    " WHERE budget_id = :budget_id AND (session_id IS NULL OR session_id = :session_id)"
    " AND (window_start_ms IS NULL OR window_start_ms = :window_start_ms)) a"
)
_INEXACT = "COALESCE(SUM(unpriced_requests), 0) AS unpriced, COALESCE(SUM(lower_bound_requests), 0) AS lower_bound"
_SPENT_IN_ALL = (
    f"(SELECT COALESCE(SUM(cost_dollars + cost_rest_picousd / {PICO}), 0) AS whole,"
    f" COALESCE(SUM(cost_rest_picousd % {PICO}), 0) AS rest,"
    f" {_INEXACT} FROM spending"
)
_SPENT = (
    f"(SELECT COALESCE(SUM(cost_dollars + cost_picousd / {PICO}), 0) AS whole,"
    f" COALESCE(SUM(cost_picousd % {PICO}), 0) AS rest,"
    f" {_INEXACT} FROM"
)
_UNDER_WAY = "CASE WHEN r.request_id IS NULL AND r.expires_at_ms > :now THEN 1 ELSE 0 END"
_IS_CALL = "CASE WHEN r.provider_name = '' THEN 0 ELSE 1 END"
_RESERVED = (
    "(SELECT COALESCE(SUM((1 - under_way) * whole), 0) AS held, COALESCE(SUM((1 - under_way) * rest), 0) AS held_rest,"
    " COALESCE(SUM((1 - under_way) * call), 0) AS calls_held, COALESCE(SUM(under_way * whole), 0) AS aside,"
    " COALESCE(SUM(under_way * rest), 0) AS aside_rest, COALESCE(SUM(under_way * call), 0) AS calls FROM"
    f" (SELECT {_UNDER_WAY} AS under_way, {_IS_CALL} AS call, r.amount_picousd / {PICO} AS whole,"
    f" r.amount_picousd % {PICO} AS rest"
    " FROM budget_reservations r WHERE (r.request_id IS NULL OR EXISTS"
    " (SELECT 1 FROM model_requests m WHERE m.id = r.request_id"
    " AND (m.cost_picousd IS NULL OR (:strict = 1 AND m.usage_status = 'lower_bound'))))"
)
_WITH_INNER = (
    "IN (SELECT CAST(:session_id AS BIGINT) UNION ALL"
    " SELECT session_id FROM session_nesting WHERE outer_id = :session_id)"
)
"""A session, and those that were begun inside it."""
_MEANT = {
    "session_id": f"session_id {_WITH_INNER}",
    "project": "project = :project",
    "agent_name": "agent_name = :agent_name",
}


def figures(scope: str, *meant: str, since: bool) -> str:
    """
    One row about a budget, for calls told by columns among `session_id`, `project`, `agent_name`.

    Spent: whole dollars, their rest, unpriced calls, lower bounds; allowed on top; held: whole dollars, their rest,
    calls; under way likewise; until when nothing is stopped. Sums are taken of dollars and rests apart: together they
    would overflow.
    """
    own = [_MEANT[name] for name in meant]
    if scope == "session":
        spent = f"{_SPENT} sessions WHERE id {_WITH_INNER}"
    elif since:
        spent = _where(f"{_SPENT} usage_rollups", [*own, "bucket_start_ms >= :since"])
    else:
        spent = _where(_SPENT_IN_ALL, own)
    aside = [f"r.{_MEANT[name]}" for name in meant] + (["r.created_at_ms >= :since"] if since else [])
    return (
        "SELECT s.whole, s.rest, s.unpriced, s.lower_bound, a.extra, r.held, r.held_rest, r.calls_held, r.aside,"
        f" r.aside_rest, r.calls, a.until FROM {spent}) s, {' AND '.join([_RESERVED, *aside])}) x) r, {_ALLOWED}"
    )


SPENT_SINCE = f"SELECT whole, rest FROM {_SPENT} usage_rollups WHERE bucket_start_ms >= :since) s"
"""What everything cost since a moment."""


def _where(sql: str, conditions: list[str]) -> str:
    return f"{sql} WHERE {' AND '.join(conditions)}" if conditions else sql


_LESS = "CASE WHEN amount_picousd < :amount_picousd THEN amount_picousd ELSE :amount_picousd END"
INSERT_RESERVATION = (
    f"INSERT INTO budget_reservations ({', '.join(RESERVATION_COLUMNS)})"
    f" VALUES ({', '.join(':' + name for name in RESERVATION_COLUMNS)})"
)
TAKE = (
    "UPDATE budget_reservations SET conversation_id = :conversation_id, provider_name = :provider_name,"
    f" request_model = :request_model, amount_picousd = {_LESS}, created_at_ms = :created_at_ms WHERE uid = :uid"
)
"""What was set aside in advance is a call's now, also of one that was recorded without a cost by now."""
NARROW = f"UPDATE budget_reservations SET amount_picousd = {_LESS} WHERE uid = :uid"
RENEW = "UPDATE budget_reservations SET expires_at_ms = :expires_at_ms WHERE uid = :uid AND request_id IS NULL"
RELEASE = "DELETE FROM budget_reservations WHERE uid = :uid AND request_id IS NULL"
SETTLE_PRICED = "DELETE FROM budget_reservations WHERE uid = :uid"
SETTLE_UNPRICED = "UPDATE budget_reservations SET request_id = :request_id WHERE uid = :uid"
"""The money stays set aside until the ledger knows what the call cost."""
SETTLE_CUT = (
    "UPDATE budget_reservations SET request_id = :request_id, amount_picousd ="
    " CASE WHEN amount_picousd > :cost THEN amount_picousd - :cost ELSE 0 END WHERE uid = :uid"
)
"""What the call may have cost beyond what is known stays set aside, for budgets that are strict."""
ANY_STRICT = "SELECT 1 FROM budgets WHERE strict = 1 LIMIT 1"
EXPIRED = (
    "SELECT uid, session_id, conversation_id, provider_name, created_at_ms, expires_at_ms FROM budget_reservations"
    " WHERE request_id IS NULL AND expires_at_ms <= :now ORDER BY created_at_ms, uid"
)
RECORDED_LATER = (
    "SELECT m.id, m.cost_picousd FROM model_requests m WHERE m.started_at_ms >= :since AND m.started_at_ms <= :until"
    " AND m.provider_name = :provider_name AND m.sources NOT LIKE :proxied"
    " AND (m.session_id = :session_id OR m.conversation_id = :conversation_id)"
    " AND NOT EXISTS (SELECT 1 FROM budget_reservations r WHERE r.request_id = m.id)"
    " ORDER BY m.started_at_ms, m.id LIMIT 1"
)
"""A call that another source saw while its proxy died: in the same session or conversation, not taken yet."""
