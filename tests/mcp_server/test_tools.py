"""What the tools answer, asked by the SDK's own client, which holds every answer against its schema."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from mcp_server.conftest import Connect
from support.shell import Shell

SONNET = {"provider": "anthropic", "model": "claude-sonnet-4", "promptTokens": 8000, "completionTokens": 2000}
"""5.4 cents."""


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene to its end."""
    asyncio.run(asyncio.wait_for(scene, 30))


def test_a_task_from_start_to_end(connect: Connect, user: Shell) -> None:
    """The keys that agents rely on, through the whole workflow."""

    async def scene() -> None:
        async with connect() as agent:
            started = await agent.use("start_session", name="Fix it", directory=str(user.cwd))
            assert started["started"] is True
            assert started["gitRoot"] == started["directory"] == str(user.cwd)
            logged = await agent.use("log_ai_usage", **SONNET, agentName="ada")
            assert logged["session"] == {"id": started["id"], "totalCost": 0.054, "totalTokens": 10_000}
            assert logged["logged"]["agentName"] == "ada"
            noted = await agent.use("add_note", message="half way")
            assert noted["added"] is True
            assert noted["note"]["message"] == "half way"
            (user.cwd / "new.py").write_text("x = 1\n")
            status = await agent.use("session_status")
            assert (status["aiCost"], status["aiCalls"], status["notes"][0]["message"]) == (0.054, 1, "half way")
            ended = await agent.use("end_session", notes="done")
            assert ended["status"] == "completed"
            assert ended["files"] == [{"path": "new.py", "type": "created"}]
            assert ended["aiBreakdown"] == [
                {"provider": "anthropic", "model": "claude-sonnet-4", "tokens": 10_000, "cost": 0.054}
            ]
            stats = await agent.use("get_stats")
            assert (stats["totalSessions"], stats["activeSessions"], stats["totalAICost"]) == (1, 0, 0.054)

    play(scene())


def test_a_list_is_an_array_as_text_and_an_object_as_structure(connect: Connect) -> None:
    """Agents read the text as they always did; structured content cannot be an array."""

    async def scene() -> None:
        async with connect() as agent:
            await agent.use("start_session", name="one")
            (row,) = await agent.use("list_sessions", limit=5)
            assert row["name"] == "one"
            result = await agent.result("list_sessions")
            assert result.structured_content is not None
            assert result.structured_content["sessions"] == [row]

    play(scene())


def test_errors_are_json_with_a_hint(connect: Connect) -> None:
    """No session, a session that is open already, a model nobody knows, and arguments that do not fit."""

    async def scene() -> None:
        async with connect() as agent:
            assert (await agent.fail("session_status"))["code"] == "no_active_session"
            started = await agent.use("start_session", name="one")
            again = await agent.fail("start_session", name="two")
            assert (again["id"], again["code"]) == (started["id"], "session_active")
            assert "hint" in again
            unknown = await agent.fail("log_ai_usage", provider="acme", model="none", promptTokens=1)
            assert unknown["code"] == "unknown_model"
            misfit = await agent.fail("log_ai_usage", provider="anthropic", model="m", promptTokens=-1)
            assert misfit["code"] == "invalid_input"
            assert misfit["error"].startswith("promptTokens: ")
            assert (await agent.fail("no_such_tool"))["code"] == "invalid_input"

    play(scene())


def test_check_budget_says_what_is_left_and_when_to_stop(connect: Connect) -> None:
    """By model, and against every budget that holds here."""

    async def scene() -> None:
        async with connect() as agent:
            await agent.use("start_session", name="one", budget=0.1)
            await agent.use("log_ai_usage", **SONNET)
            check = await agent.use("check_budget")
            assert check["byModel"] == {"anthropic/claude-sonnet-4": {"calls": 1, "tokens": 10_000, "cost": 0.054}}
            assert (check["ok"], check["remaining"], check["totalCalls"]) == (True, 0.046, 1)
            await agent.use("log_ai_usage", **SONNET)
            assert (await agent.use("check_budget"))["ok"] is False

    play(scene())


def test_an_agent_may_bind_itself_but_not_give_itself_more(connect: Connect) -> None:
    """It sets and lowers a budget; raising one, or making it harmless, is the user's."""

    async def scene() -> None:
        async with connect() as agent:
            await agent.use("start_session", name="one")
            assert (await agent.use("set_budget", amount=5))["budget"]["limitUsd"] == 5
            assert (await agent.use("set_budget", amount=2))["budget"]["limitUsd"] == 2
            more = await agent.fail("set_budget", amount=50)
            assert "only the user" in more["error"]
            assert "cs budget set 50" in more["hint"]
            assert "only the user" in (await agent.fail("set_budget", amount=1, action="warn"))["error"]
            daily = await agent.use("set_budget", amount=9, scope="project", period="day", name="a b")
            assert daily["budget"]["period"] == "day"
            more = await agent.fail("set_budget", amount=123456.78, scope="project", period="day", name="a b")
            assert more["hint"].endswith("cs budget set 123456.78 --scope project --period day --name 'a b'")

    play(scene())


def test_an_agent_cannot_take_the_strictness_from_a_budget(connect: Connect, user: Shell) -> None:
    """Lowering it, or setting the same again, leaves the user's other rules as they are."""
    user.ok("budget", "set", "5", "--scope", "global", "--strict", "--warn", "30", "--json")

    async def scene() -> None:
        async with connect() as agent:
            for amount in (5, 4):
                await agent.use("set_budget", amount=amount, scope="global")

    play(scene())
    (budget,) = user.ok("budget", "list", "--json")["budgets"]
    assert (budget["limitUsd"], budget["strict"], budget["warn"]) == (4, True, [30])


def test_a_directory_must_be_one_and_only_says_where_a_session_belongs(connect: Connect, user: Shell) -> None:
    """Files, relative paths and what is not there are all told alike: nothing can be learnt about the disk."""
    (user.home / "secret.txt").write_text("secret")
    inside = user.cwd / "src"
    inside.mkdir()

    async def scene() -> None:
        async with connect() as agent:
            refused = [str(user.home / "secret.txt"), "src", str(user.home / "nothing"), "/proc/self/mem"]
            said = {(await agent.fail("start_session", name="x", directory=path))["error"] for path in refused}
            assert said == {"directory is not an existing directory"}
            started = await agent.use("start_session", name="x", directory=str(inside))
            assert started["directory"] == str(user.cwd)

    play(scene())


@pytest.mark.parametrize("kind", ["daily", "weekly", "monthly", "session", "model", "agent", "provider", "blocks"])
def test_reports_of_every_kind(connect: Connect, kind: str) -> None:
    """Each with its rows and a total."""

    async def scene() -> None:
        async with connect() as agent:
            await agent.use("start_session", name="one")
            await agent.use("log_ai_usage", **SONNET)
            report = await agent.use("report", kind=kind)
            assert len(report["rows"]) == 1
            assert report["totals"]["costUsd"] == 0.054
            for day in ("0001-01-01", "9999-12-31"):
                assert "out of range" in (await agent.fail("report", until=day))["error"]
            wrong = await agent.fail("report", since="2026-11-02", until="2026-11-01")
            assert wrong["code"] == "invalid_input"

    play(scene())


def test_import_reads_the_agents_own_places(connect: Connect, user: Shell) -> None:
    """The logs of this user's home; a path cannot be named."""
    data = Path(__file__).parents[1] / "importers/data/claude_code/claude-2.1.330/projects"
    folder = user.home / ".claude/projects"
    for log in data.rglob("*.jsonl"):
        target = folder / log.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(log.read_bytes())

    async def scene() -> None:
        async with connect() as agent:
            imported = await agent.use("import_logs", agents=["claude-code"])
            assert imported["totals"]["newCalls"] > 0
            assert (await agent.use("import_logs"))["totals"]["newCalls"] == 0

    play(scene())
