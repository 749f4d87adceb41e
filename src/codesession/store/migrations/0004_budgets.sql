CREATE TABLE budgets (
    id {identity},
    uid TEXT NOT NULL UNIQUE,
    name TEXT,
    scope TEXT NOT NULL CHECK (scope IN ('session', 'project', 'global')),
    session_id BIGINT REFERENCES sessions (id),
    project TEXT,
    agent_name TEXT,
    period TEXT NOT NULL CHECK (period IN ('total', 'day', 'week', 'month')),
    limit_picousd BIGINT NOT NULL,
    warn_percents TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('warn', 'stop')),
    strict BIGINT NOT NULL DEFAULT 0,
    largest_call_picousd BIGINT NOT NULL DEFAULT 0,
    created_at_ms BIGINT NOT NULL
);

CREATE INDEX budgets_by_session ON budgets (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE budget_allowances (
    id {identity},
    budget_id BIGINT NOT NULL REFERENCES budgets (id),
    session_id BIGINT REFERENCES sessions (id),
    window_start_ms BIGINT,
    extra_picousd BIGINT NOT NULL DEFAULT 0,
    until_ms BIGINT,
    created_at_ms BIGINT NOT NULL
);

CREATE INDEX budget_allowances_by_budget ON budget_allowances (budget_id);

CREATE TABLE budget_reservations (
    uid TEXT NOT NULL PRIMARY KEY,
    session_id BIGINT,
    project TEXT,
    agent_name TEXT,
    conversation_id TEXT,
    provider_name TEXT NOT NULL,
    request_model TEXT,
    amount_picousd BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    request_id BIGINT
);

CREATE INDEX budget_reservations_by_time ON budget_reservations (created_at_ms);

CREATE INDEX budget_reservations_by_request ON budget_reservations (request_id) WHERE request_id IS NOT NULL;

CREATE INDEX usage_rollups_by_project ON usage_rollups (project, bucket_start_ms);

CREATE TABLE alert_rules (
    id {identity},
    uid TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('rate', 'jump', 'notify')),
    limit_picousd BIGINT,
    percent BIGINT,
    url TEXT,
    project TEXT,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE alert_breaches (
    id {identity},
    breach_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    budget_id BIGINT,
    rule_id BIGINT,
    session_id BIGINT,
    percent BIGINT,
    spent_picousd BIGINT NOT NULL,
    limit_picousd BIGINT NOT NULL,
    message TEXT NOT NULL,
    noticed_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    problem TEXT
);

CREATE INDEX alert_breaches_by_time ON alert_breaches (noticed_at_ms);

INSERT INTO budgets (uid, scope, session_id, period, limit_picousd, warn_percents, action, created_at_ms)
SELECT 'session-' || uid, 'session', id, 'total', budget_picousd, '50,80,95', 'stop', started_at_ms
FROM sessions WHERE budget_picousd IS NOT NULL;
