-- Cache writes that are kept for an hour cost more than those for five minutes.

ALTER TABLE sessions ADD COLUMN cache_write_1h_input_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_rollups ADD COLUMN cache_write_1h_input_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session_usage ADD COLUMN cache_write_1h_input_tokens BIGINT NOT NULL DEFAULT 0;

UPDATE usage_rollups SET cache_write_1h_input_tokens = written.tokens
FROM (
    SELECT started_at_ms - started_at_ms % 900000 AS begin_ms, COALESCE(project, '') AS place, provider_name AS provider,
           COALESCE(NULLIF(response_model, ''), request_model) AS name, COALESCE(agent_name, '') AS agent,
           REPLACE(sources, ',', '+') AS seen_by, SUM(cache_write_1h_input_tokens) AS tokens
    FROM model_requests WHERE cache_write_1h_input_tokens > 0
    GROUP BY 1, 2, 3, 4, 5, 6
) AS written
WHERE usage_rollups.bucket_start_ms = written.begin_ms AND usage_rollups.project = written.place
  AND usage_rollups.provider_name = written.provider AND usage_rollups.model = written.name
  AND usage_rollups.agent_name = written.agent AND usage_rollups.source = written.seen_by;

-- The plus signs make SQLite read the calls as they lie, instead of jumping about by session.
UPDATE session_usage SET cache_write_1h_input_tokens = written.tokens
FROM (
    SELECT +session_id AS session, provider_name AS provider, COALESCE(NULLIF(response_model, ''), request_model) AS name,
           COALESCE(agent_name, '') AS agent, REPLACE(sources, ',', '+') AS seen_by,
           COALESCE(conversation_id, '') AS conversation, CASE WHEN subagent_id IS NULL THEN 0 ELSE 1 END AS inner_call,
           SUM(cache_write_1h_input_tokens) AS tokens
    FROM model_requests WHERE cache_write_1h_input_tokens > 0 AND +session_id IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS written
WHERE session_usage.session_id = written.session AND session_usage.provider_name = written.provider
  AND session_usage.model = written.name AND session_usage.agent_name = written.agent
  AND session_usage.source = written.seen_by AND session_usage.conversation_id = written.conversation
  AND session_usage.by_subagent = written.inner_call;

UPDATE sessions SET cache_write_1h_input_tokens = written.tokens
FROM (
    SELECT session_id AS session, SUM(cache_write_1h_input_tokens) AS tokens FROM session_usage
    WHERE cache_write_1h_input_tokens > 0 GROUP BY 1
) AS written
WHERE sessions.id = written.session;
