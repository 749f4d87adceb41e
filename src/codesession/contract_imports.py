"""
The JSON contract of imports.

    cs import …   {schemaVersion, codesessionVersion, dryRun, agents: […], totals: {calls, newCalls, costUsd}}
      an agent    agent, title, paths, files, filesRead, calls, newCalls, duplicates, lowerBounds, unpriced, badLines,
                  tokens: {input (uncached), cacheRead, cacheWrite5m, cacheWrite1h, output}, costUsd,
                  unreadable?: [{file, line, reason}], problems?: […]

All but `filesRead` and `newCalls` cover everything ever imported for that agent from these paths. An agent's
`costUsd` is null when none of its calls has a price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import Json, enveloped
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.services.importing.outcome import AgentImport, ImportOutcome


def import_json(outcome: ImportOutcome) -> Json:
    """The answer of `cs import --json`."""
    agents = outcome.agents
    body: Json = {
        "dryRun": outcome.dry_run,
        "agents": [agent_json(agent) for agent in agents],
        "totals": {
            "calls": sum(agent.totals.calls for agent in agents),
            "newCalls": sum(agent.new_calls for agent in agents),
            "costUsd": json_usd(sum(agent.totals.cost_picousd for agent in agents)),
        },
    }
    if outcome.problem:
        body["warnings"] = [outcome.problem]
    return enveloped(body)


def agent_json(agent: AgentImport) -> Json:
    """One agent's share."""
    totals = agent.totals
    written, kept_1h = totals.cache_write_input_tokens, totals.cache_write_1h_input_tokens
    body: Json = {
        "agent": agent.agent_name,
        "title": agent.title,
        "paths": list(agent.roots),
        "files": agent.files,
        "filesRead": agent.read_files,
        "calls": totals.calls,
        "newCalls": agent.new_calls,
        "duplicates": agent.duplicates,
        "lowerBounds": totals.lower_bound_calls,
        "unpriced": totals.unpriced_calls,
        "badLines": totals.bad_lines,
        "tokens": {
            "input": totals.input_tokens - totals.cache_read_input_tokens - written,
            "cacheRead": totals.cache_read_input_tokens,
            "cacheWrite5m": written - kept_1h,
            "cacheWrite1h": kept_1h,
            "output": totals.output_tokens,
        },
        "costUsd": None if totals.calls and totals.calls == totals.unpriced_calls else json_usd(totals.cost_picousd),
    }
    if agent.unreadable:
        body["unreadable"] = [{"file": u.path, "line": u.number, "reason": u.reason} for u in agent.unreadable]
    if agent.problems:
        body["problems"] = list(agent.problems)
    return body
