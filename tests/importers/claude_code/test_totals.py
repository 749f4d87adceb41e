"""The agent's own totals: kept as a check, never counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.domain.imports import AgentTotal
from codesession.importers.base import LogFile
from codesession.importers.claude_code import ClaudeCode
from support.logs import NOON_MS, SAMPLES, Line, claude_line, write_log


def state(session: str = "parent", *, output: int = 642, cost: object = 0.0292, **fields: object) -> Line:
    """A `cost-state` line."""
    usage = {
        "inputTokens": 6,
        "outputTokens": output,
        "cacheReadInputTokens": 16_000,
        "cacheCreationInputTokens": 2_400,
    }
    whole = {"type": "cost-state", "sessionId": session, "totalCostUSD": cost, "startTime": NOON_MS}
    return whole | {"modelUsage": {"claude-sonnet-4-6": usage}} | fields


def totals(path: Path) -> dict[str, AgentTotal]:
    """What a transcript says."""
    log = LogFile(path=path, root=path.parent)
    assert len(list(ClaudeCode().read(log))) <= 2
    return log.agent_totals


def test_the_last_total_of_a_conversation_counts(tmp_path: Path) -> None:
    """It is cumulative; the whole prompt with the cache, the time that of the newest call."""
    lines = [claude_line(at_ms=NOON_MS + 5), state(output=1), state()]
    assert totals(write_log(tmp_path / "parent.jsonl", lines)) == {
        "parent": AgentTotal(
            agent_name="claude-code",
            conversation_id="parent",
            since_ms=NOON_MS,
            at_ms=NOON_MS + 5,
            input_tokens=18_406,
            output_tokens=642,
            cost_picousd=29_200_000_000,
        )
    }


def test_a_fork_names_whose_calls_its_total_carries(tmp_path: Path) -> None:
    """Forks go on from their parent's total."""
    lines = [
        claude_line(session="fork", requestSessionId="parent"),
        claude_line("msg_2", session="fork"),
        state("fork"),
    ]
    assert totals(write_log(tmp_path / "fork.jsonl", lines))["fork"].carried_from == ("parent",)


@pytest.mark.parametrize(
    "fields", [{"modelUsage": {}}, {"modelUsage": None}, {"totalCostUSD": "x"}, {"totalCostUSD": None}]
)
def test_a_total_that_says_nothing_is_left(tmp_path: Path, fields: Line) -> None:
    """Nothing used, or not a number."""
    assert totals(write_log(tmp_path / "parent.jsonl", [claude_line(), state(**fields)])) == {}


def test_recorded_totals_are_those_of_their_conversations() -> None:
    """Five conversations had calls; the fork's total holds its parent's six."""
    found = {}
    for path in sorted((SAMPLES / "claude_code" / "claude-2.1.330").rglob("*.jsonl")):
        log = LogFile(path=path, root=path.parent)
        assert all(sighting.lines for sighting in ClaudeCode().read(log))
        found |= log.agent_totals
    assert sorted(total.output_tokens // 321 for total in found.values()) == [0, 1, 2, 6, 7]
