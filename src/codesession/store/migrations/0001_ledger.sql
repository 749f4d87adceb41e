CREATE TABLE sessions (
    id {identity},
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'completed')),
    directory TEXT NOT NULL,
    git_root TEXT,
    git_branch TEXT,
    start_git_head TEXT,
    started_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    end_notes TEXT,
    budget_picousd BIGINT,
    files_changed BIGINT NOT NULL DEFAULT 0,
    commits BIGINT NOT NULL DEFAULT 0,
    requests BIGINT NOT NULL DEFAULT 0,
    unpriced_requests BIGINT NOT NULL DEFAULT 0,
    lower_bound_requests BIGINT NOT NULL DEFAULT 0,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    cache_read_input_tokens BIGINT NOT NULL DEFAULT 0,
    cache_write_input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    reasoning_output_tokens BIGINT NOT NULL DEFAULT 0,
    total_tokens BIGINT NOT NULL DEFAULT 0,
    cost_picousd BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX sessions_active ON sessions (directory) WHERE status = 'active';

CREATE INDEX sessions_by_start ON sessions (started_at_ms, id);

CREATE TABLE session_baselines (
    session_id BIGINT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    baseline TEXT NOT NULL
);

CREATE TABLE model_requests (
    id {identity},
    uid TEXT NOT NULL UNIQUE,
    provider_name TEXT NOT NULL,
    response_id TEXT NOT NULL,
    request_model TEXT NOT NULL,
    response_model TEXT,
    api TEXT,
    session_id BIGINT REFERENCES sessions (id),
    project TEXT,
    conversation_id TEXT,
    agent_name TEXT,
    agent_version TEXT,
    subagent_id TEXT,
    parent_subagent_id TEXT,
    prompt_id TEXT,
    git_branch TEXT,
    started_at_ms BIGINT NOT NULL,
    duration_ms BIGINT,
    input_tokens BIGINT,
    cache_read_input_tokens BIGINT,
    cache_write_input_tokens BIGINT,
    cache_write_1h_input_tokens BIGINT,
    output_tokens BIGINT,
    reasoning_output_tokens BIGINT,
    reported_total_tokens BIGINT,
    usage_status TEXT NOT NULL,
    cost_picousd BIGINT,
    cost_status TEXT NOT NULL,
    cost_source TEXT,
    price_model TEXT,
    price_version TEXT,
    billing TEXT,
    sources TEXT NOT NULL,
    UNIQUE (provider_name, response_id)
);

CREATE INDEX model_requests_by_session ON model_requests (session_id, started_at_ms, id);

CREATE INDEX model_requests_by_time ON model_requests (started_at_ms, id);

CREATE TABLE usage_rollups (
    bucket_start_ms BIGINT NOT NULL,
    project TEXT NOT NULL,
    provider_name TEXT NOT NULL,
    model TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    source TEXT NOT NULL,
    requests BIGINT NOT NULL,
    unpriced_requests BIGINT NOT NULL,
    lower_bound_requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cache_read_input_tokens BIGINT NOT NULL,
    cache_write_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_output_tokens BIGINT NOT NULL,
    total_tokens BIGINT NOT NULL,
    cost_picousd BIGINT NOT NULL,
    PRIMARY KEY (bucket_start_ms, project, provider_name, model, agent_name, source)
);

CREATE TABLE file_changes (
    id {identity},
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    file_path TEXT NOT NULL,
    change_type TEXT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    occurrence BIGINT NOT NULL DEFAULT 0,
    UNIQUE (session_id, file_path, occurrence)
);

CREATE TABLE commits (
    id {identity},
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    hash TEXT NOT NULL,
    message TEXT NOT NULL,
    committed_at_ms BIGINT NOT NULL,
    UNIQUE (session_id, hash)
);

CREATE TABLE session_notes (
    id {identity},
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    message TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE INDEX session_notes_by_session ON session_notes (session_id, id);

CREATE TABLE projects (
    id {identity},
    path TEXT NOT NULL UNIQUE,
    name TEXT,
    added_at_ms BIGINT NOT NULL
);
