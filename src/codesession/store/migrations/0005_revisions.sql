CREATE TABLE cost_revisions (
    id {identity},
    request_id BIGINT NOT NULL REFERENCES model_requests (id),
    revised_at_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    old_cost_picousd BIGINT,
    old_cost_status TEXT NOT NULL,
    old_cost_source TEXT,
    old_price_model TEXT,
    old_price_version TEXT,
    old_billing TEXT
);

CREATE INDEX cost_revisions_by_request ON cost_revisions (request_id, id);
