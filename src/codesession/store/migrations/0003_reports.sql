CREATE INDEX model_requests_of_subagents ON model_requests (started_at_ms) WHERE subagent_id IS NOT NULL;

CREATE INDEX model_requests_by_model ON model_requests (
    (COALESCE(response_model, request_model)),
    (COALESCE(agent_name, '')),
    session_id
);
