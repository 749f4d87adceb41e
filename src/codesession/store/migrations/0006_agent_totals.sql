CREATE TABLE agent_totals (
    agent_name TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_picousd BIGINT NOT NULL,
    carried_from TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (agent_name, conversation_id)
);

CREATE TABLE booked_totals (
    agent_name TEXT NOT NULL,
    name TEXT NOT NULL,
    booked TEXT NOT NULL,
    PRIMARY KEY (agent_name, name)
);
