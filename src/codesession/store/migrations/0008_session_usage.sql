CREATE TABLE session_usage (
    id {identity},
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    provider_name TEXT NOT NULL,
    model TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    source TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    by_subagent BIGINT NOT NULL,
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
    UNIQUE (session_id, provider_name, model, agent_name, source, conversation_id, by_subagent)
);

-- The plus sign makes SQLite read the calls as they lie, instead of jumping about by session.
INSERT INTO session_usage (
    session_id, provider_name, model, agent_name, source, conversation_id, by_subagent,
    requests, unpriced_requests, lower_bound_requests, input_tokens, cache_read_input_tokens,
    cache_write_input_tokens, output_tokens, reasoning_output_tokens, total_tokens, cost_picousd
)
SELECT session_id, provider_name, COALESCE(NULLIF(response_model, ''), request_model), COALESCE(agent_name, ''),
       REPLACE(sources, ',', '+'), COALESCE(conversation_id, ''), CASE WHEN subagent_id IS NULL THEN 0 ELSE 1 END,
       COUNT(*), SUM(CASE WHEN cost_picousd IS NULL THEN 1 ELSE 0 END),
       SUM(CASE WHEN usage_status = 'lower_bound' OR cost_status = 'lower_bound' THEN 1 ELSE 0 END),
       COALESCE(SUM(input_tokens), 0), COALESCE(SUM(cache_read_input_tokens), 0),
       COALESCE(SUM(cache_write_input_tokens), 0), COALESCE(SUM(output_tokens), 0),
       COALESCE(SUM(reasoning_output_tokens), 0),
       COALESCE(SUM(COALESCE(input_tokens + output_tokens, reported_total_tokens)), 0),
       COALESCE(SUM(cost_picousd), 0)
FROM model_requests WHERE +session_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY MIN(id);

DROP INDEX model_requests_by_model;
