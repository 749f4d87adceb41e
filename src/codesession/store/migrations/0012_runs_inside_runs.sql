-- A session that was begun inside a run counts for the budgets of every session around it.

CREATE TABLE session_nesting (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    outer_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    PRIMARY KEY (session_id, outer_id)
);

CREATE INDEX session_nesting_by_outer ON session_nesting (outer_id);
