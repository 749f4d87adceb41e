-- How many calls of what was spent cost at least what is counted: a budget without a period must not call it exact.

ALTER TABLE spending ADD COLUMN lower_bound_requests BIGINT NOT NULL DEFAULT 0;

UPDATE spending SET lower_bound_requests = seen.calls
FROM (
    SELECT bucket_start_ms - bucket_start_ms % 2592000000 AS begin_ms, project AS place, agent_name AS agent,
           SUM(lower_bound_requests) AS calls
    FROM usage_rollups WHERE lower_bound_requests > 0
    GROUP BY 1, 2, 3
) AS seen
WHERE spending.period_start_ms = seen.begin_ms AND spending.project = seen.place AND spending.agent_name = seen.agent;
