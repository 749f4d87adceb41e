-- A 64-bit number of pico-dollars ends at 9 million dollars: what is counted from now on has its whole dollars apart.

ALTER TABLE sessions ADD COLUMN cost_dollars BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_rollups ADD COLUMN cost_dollars BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session_usage ADD COLUMN cost_dollars BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_cursors ADD COLUMN cost_dollars BIGINT NOT NULL DEFAULT 0;
