-- Calls at list price: they have a cost that is no lower bound, but is not exact either.

ALTER TABLE sessions ADD COLUMN list_price_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_rollups ADD COLUMN list_price_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session_usage ADD COLUMN list_price_requests BIGINT NOT NULL DEFAULT 0;

UPDATE usage_rollups SET list_price_requests = listed.calls
FROM (
    SELECT started_at_ms - started_at_ms % 900000 AS begin_ms, COALESCE(project, '') AS place, provider_name AS provider,
           COALESCE(NULLIF(response_model, ''), request_model) AS name, COALESCE(agent_name, '') AS agent,
           REPLACE(sources, ',', '+') AS seen_by, COUNT(*) AS calls
    FROM model_requests WHERE cost_status = 'list_price'
    GROUP BY 1, 2, 3, 4, 5, 6
) AS listed
WHERE usage_rollups.bucket_start_ms = listed.begin_ms AND usage_rollups.project = listed.place
  AND usage_rollups.provider_name = listed.provider AND usage_rollups.model = listed.name
  AND usage_rollups.agent_name = listed.agent AND usage_rollups.source = listed.seen_by;

-- The plus signs make SQLite read the calls as they lie, instead of jumping about by session.
UPDATE session_usage SET list_price_requests = listed.calls
FROM (
    SELECT +session_id AS session, provider_name AS provider, COALESCE(NULLIF(response_model, ''), request_model) AS name,
           COALESCE(agent_name, '') AS agent, REPLACE(sources, ',', '+') AS seen_by,
           COALESCE(conversation_id, '') AS conversation, CASE WHEN subagent_id IS NULL THEN 0 ELSE 1 END AS inner_call,
           COUNT(*) AS calls
    FROM model_requests WHERE cost_status = 'list_price' AND +session_id IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS listed
WHERE session_usage.session_id = listed.session AND session_usage.provider_name = listed.provider
  AND session_usage.model = listed.name AND session_usage.agent_name = listed.agent
  AND session_usage.source = listed.seen_by AND session_usage.conversation_id = listed.conversation
  AND session_usage.by_subagent = listed.inner_call;

UPDATE sessions SET list_price_requests = listed.calls
FROM (
    SELECT session_id AS session, SUM(list_price_requests) AS calls FROM session_usage
    WHERE list_price_requests > 0 GROUP BY 1
) AS listed
WHERE sessions.id = listed.session;
