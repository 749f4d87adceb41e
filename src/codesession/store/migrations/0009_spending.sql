-- What was spent in all, by 30 days: budgets without a period are asked at every call, however old the ledger is.
-- Dollars and their rest are kept apart: a 64-bit number of pico-dollars ends at 9 million dollars.

CREATE TABLE spending (
    id {identity},
    period_start_ms BIGINT NOT NULL,
    project TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    unpriced_requests BIGINT NOT NULL,
    cost_dollars BIGINT NOT NULL,
    cost_rest_picousd BIGINT NOT NULL,
    UNIQUE (period_start_ms, project, agent_name)
);

INSERT INTO spending (
    period_start_ms, project, agent_name, unpriced_requests, cost_dollars, cost_rest_picousd
)
SELECT bucket_start_ms - bucket_start_ms % 2592000000, project, agent_name, SUM(unpriced_requests),
       SUM(cost_picousd / 1000000000000), SUM(cost_picousd % 1000000000000)
FROM usage_rollups
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
