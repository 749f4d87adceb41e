ALTER TABLE sessions ADD COLUMN source TEXT NOT NULL DEFAULT 'cs';

ALTER TABLE sessions ADD COLUMN agent_name TEXT;

ALTER TABLE sessions ADD COLUMN conversation_id TEXT;

CREATE UNIQUE INDEX sessions_by_conversation ON sessions (agent_name, conversation_id) WHERE conversation_id IS NOT NULL;

CREATE INDEX sessions_by_directory ON sessions (directory, started_at_ms) WHERE source = 'cs';

ALTER TABLE model_requests ADD COLUMN request_id TEXT;

ALTER TABLE model_requests ADD COLUMN owner_rank TEXT;

ALTER TABLE model_requests ADD COLUMN log_key TEXT;

ALTER TABLE model_requests ADD COLUMN import_id BIGINT;

CREATE INDEX model_requests_by_log_key ON model_requests (log_key) WHERE log_key IS NOT NULL;

CREATE TABLE import_cursors (
    id {identity},
    agent_name TEXT NOT NULL,
    path TEXT NOT NULL,
    device BIGINT NOT NULL DEFAULT 0,
    inode BIGINT NOT NULL DEFAULT 0,
    size BIGINT NOT NULL DEFAULT 0,
    modified_ns BIGINT NOT NULL DEFAULT 0,
    head_length BIGINT NOT NULL DEFAULT 0,
    head_hash TEXT NOT NULL DEFAULT '',
    start BIGINT NOT NULL DEFAULT 0,
    line_number BIGINT NOT NULL DEFAULT 0,
    first_ms BIGINT,
    since_ms BIGINT,
    state TEXT NOT NULL DEFAULT '',
    lines BIGINT NOT NULL DEFAULT 0,
    bad_lines BIGINT NOT NULL DEFAULT 0,
    bad_named TEXT NOT NULL DEFAULT '',
    calls BIGINT NOT NULL DEFAULT 0,
    unpriced_calls BIGINT NOT NULL DEFAULT 0,
    lower_bound_calls BIGINT NOT NULL DEFAULT 0,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    cache_read_input_tokens BIGINT NOT NULL DEFAULT 0,
    cache_write_input_tokens BIGINT NOT NULL DEFAULT 0,
    cache_write_1h_input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    total_tokens BIGINT NOT NULL DEFAULT 0,
    cost_picousd BIGINT NOT NULL DEFAULT 0,
    UNIQUE (agent_name, path)
);
