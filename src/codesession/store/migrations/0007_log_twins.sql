CREATE INDEX model_requests_only_in_logs ON model_requests (started_at_ms) WHERE sources = 'log';
