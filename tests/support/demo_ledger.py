"""
A plausible ledger: six weeks of several agents, models and projects, with commits, notes, budgets, and calls whose
cost is not or not fully known. Everything goes through the real services; the calls are made up.

    PYTHONPATH=src:tests python -m support.demo_ledger HOME

then `HOME=HOME cs dashboard` shows it. The same seed makes the same figures at the same distance from now.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

from codesession.app import App
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.ids import uuid7
from codesession.domain.money import PICO
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.session import NewSession, Session
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.services import repo

Commits = list[tuple[str, str, int]]
Files = list[tuple[str, str]]

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS

AGENTS = {
    "claude-code": [
        ("anthropic", "claude-opus-5-5", 5),
        ("anthropic", "claude-sonnet-5-5", 6),
        ("anthropic", "claude-haiku-5-5", 2),
    ],
    "codex": [("openai", "gpt-6.2-sol", 6), ("openai", "gpt-6.1-terra", 2)],
    "gemini-cli": [("google", "gemini-3.8-flash", 4), ("google", "gemini-4-argon", 1)],
    "opencode": [("openrouter", "deepseek-flash", 3), ("ollama", "qwen-coder-local", 1)],
}
PROJECTS = ["shop", "atlas-api", "field-notes", "infra"]
TASKS = """
Fix the rounding in the checkout
Add pagination to the orders API
Move the search to trigrams
Write tests for the importer
Upgrade to React 19
Find the memory leak in the worker
Draft the release notes
Rename accounts to tenants
Make the CI cache smaller
Explain the billing module
Add dark mode to the settings
Split the monolithic router
Retry webhooks with backoff
Tidy the Dockerfile
Trace slow queries on the dashboard
Validate addresses on the server
Port the cron jobs
Remove dead feature flags
""".strip().splitlines()
FILES = """
src/cart.py
src/checkout.py
src/orders/api.py
src/search/index.py
tests/test_cart.py
README.md
src/app.tsx
docs/setup.md
Makefile
src/billing/rounding.py
""".strip().splitlines()
PYTHON = [file for file in FILES if file.endswith(".py")]
PARTS = """
def net(price: int, rate: Decimal) -> int:
    # taxes are rounded once, at the end
    return int((price / (1 + rate)).quantize(CENT, ROUND_HALF_EVEN))
---
def discount(price: int, percent: int) -> int:
    if not 0 <= percent <= 100:
        raise ValueError(f"a discount of {percent} % makes no sense")
    return price * (100 - percent) // 100
---
def page(rows: Sequence[Row], number: int, size: int = 50) -> Sequence[Row]:
    first = (number - 1) * size
    return rows[first : first + size]
---
def trigrams(text: str) -> set[str]:
    padded = f"  {text.lower()} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
---
def similarity(left: str, right: str) -> float:
    found, wanted = trigrams(left), trigrams(right)
    return len(found & wanted) / len(found | wanted)
---
async def retry(call: Call, times: int = 5) -> Answer:
    for attempt in range(times):
        try:
            return await call()
        except TimeoutError:
            await asyncio.sleep(2**attempt)
    return await call()
---
def total(prices: Iterable[int]) -> int:
    return sum(prices, start=0)
---
class Cart:
    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
""".strip().split("\n---\n")
MESSAGES = """
Round half to even
Page the orders
Cover the edge cases
Name things
Drop the old path
Faster, with an index
Say why in the docs
""".strip().splitlines()
NOTES = """
The tax test is flaky, look at it next
Chose trigrams: no extension needed
Customer asked for cents, not mills
Waiting for review
""".strip().splitlines()


@dataclass
class Demo:
    """The making of one ledger."""

    home: Path
    now_ms: int
    dice: Random = field(default_factory=lambda: Random(11))
    calls: int = 0

    def __post_init__(self) -> None:
        self.app = App({**os.environ, "HOME": str(self.home), "TZ": "UTC"}, self.home)
        self.shop = self.home / "code" / "shop"

    def build(self, days: int, *, budgets: bool) -> None:
        """Sessions of every day up to now, some of which still run; then budgets and alerts."""
        self._begin_repository()
        for age in range(days, 0, -1):
            weekend = time.gmtime((self.now_ms - age * DAY_MS) / 1000).tm_wday > 4
            for number in range(self.dice.randint(0, 1) if weekend else self.dice.randint(2, 4)):
                start = self.now_ms - age * DAY_MS - self.now_ms % DAY_MS + self._hour(number)
                self._session(start, ends=True)
        self._unattributed()
        for minutes in (200, 95, 38):
            self._session(self.now_ms - minutes * MINUTE_MS, ends=minutes == 200, until=self.now_ms)
        if budgets:
            self._budgets()
        self.app.close()

    def _hour(self, number: int) -> int:
        return int((8.5 + number * 2.6 + self.dice.random() * 2) * 60) * MINUTE_MS

    def _begin_repository(self) -> None:
        self.shop.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch", "main")
        for file in FILES:
            path = self.shop / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._code(PARTS[-2:]) if file in PYTHON else f"# {path.name}\n")
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", "Begin", at_ms=self.now_ms - 60 * DAY_MS)

    def _git(self, *arguments: str, at_ms: int | None = None) -> str:
        stamp = f"{(at_ms or self.now_ms) // 1000} +0000"
        known = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "HOME": str(self.home)}
        who = ["-c", "user.name=Demo", "-c", "user.email=demo@example.com"]
        done = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.shop,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **known},
        )
        return done.stdout.strip()

    def _session(self, start: int, *, ends: bool, until: int | None = None) -> None:
        project = self.dice.choices(PROJECTS, [5, 4, 2, 1])[0]
        folder = self.home / "code" / project
        real = project == "shop"
        session = self.app.store.create_session(
            NewSession(
                uid=uuid7(start),
                name=self.dice.choice(TASKS),
                directory=str(folder),
                git_root=str(folder),
                git_branch=self.dice.choice(["main", "main", "fix/rounding", "search"]),
                start_git_head=self._git("rev-parse", "HEAD") if real else None,
                baseline=repo.baseline(folder).to_json() if real else None,
                started_at_ms=start,
                budget_picousd=self.dice.choice([None, None, None, 4 * PICO]),
            ),
            exclusive=False,
        )
        assert session is not None
        length = (until or start + self.dice.randint(12, 110) * MINUTE_MS) - start
        self.app.recording.record(list(self._observations(session, start, length)))
        count = self.dice.randint(0, 3)
        commits, files = self._real_work(start, length, count) if real else self._made_up_work(start, length, count)
        if self.dice.random() < 0.4:
            self.app.store.add_note(session.id, self.dice.choice(NOTES), at_ms=start + length // 2)
        if ends:
            said = self.dice.choice([None, None, "Done, reviewed"])
            self.app.store.finish_session(
                session.id, ended_at_ms=start + length, notes=said, commits=commits, files=files
            )
        else:
            self.app.store.add_commits(session.id, commits)
            self.app.store.add_files(session.id, files, at_ms=start + length // 2)

    def _made_up_work(self, start: int, length: int, count: int) -> tuple[Commits, Files]:
        files = [(file, "modified") for file in self.dice.sample(FILES, self.dice.randint(1, 5))]
        moments = [start + length * number // (count + 1) for number in range(1, count + 1)]
        return [(f"{self.dice.getrandbits(160):040x}", self.dice.choice(MESSAGES), at_ms) for at_ms in moments], files

    def _real_work(self, start: int, length: int, count: int) -> tuple[Commits, Files]:
        """Commits in the shop's repository, so that there is something to compare."""
        commits, files = [], {}
        for number in range(1, count + 1):
            at_ms, message = start + length * number // (count + 1), self.dice.choice(MESSAGES)
            for name in [*self.dice.sample(PYTHON, 2), f"src/rules/rule_{self.calls}_{number}.py"]:
                file = self.shop / name
                files[name] = "modified" if file.exists() else "created"
                file.parent.mkdir(parents=True, exist_ok=True)
                chosen = sorted(self.dice.sample(range(len(PARTS)), self.dice.randint(2, 6)))
                file.write_text(self._code([PARTS[part] for part in chosen]))
            self._git("add", ".")
            self._git("commit", "--quiet", "--message", message, at_ms=at_ms)
            commits.append((self._git("rev-parse", "HEAD"), message, at_ms))
        return commits, list(files.items())

    def _code(self, parts: list[str]) -> str:
        return "from __future__ import annotations\n\nimport asyncio\n\n\n" + "\n\n\n".join(parts) + "\n"

    def _observations(self, session: Session | None, start: int, length: int) -> Iterator[Observation]:
        agent = self.dice.choices(list(AGENTS), [6, 3, 2, 1])[0]
        count = self.dice.randint(8, 55)
        context, cached = 0, 0
        for number in range(count):
            provider, model, _ = self.dice.choices(AGENTS[agent], [weight for *_, weight in AGENTS[agent]])[0]
            fresh = self.dice.randint(300, 6_000)
            written = self.dice.randint(0, fresh) if provider == "anthropic" else 0
            read = int(cached * self.dice.choice([1, 1, 1, 0.4]))
            reasoning = self.dice.randint(0, 900)
            usage = TokenUsage(
                input_tokens=fresh + read,
                cache_read_input_tokens=read,
                cache_write_input_tokens=written,
                output_tokens=self.dice.randint(80, 2_400) + reasoning,
                reasoning_output_tokens=reasoning,
            )
            context = min(context + fresh, 160_000)
            cached = context
            at_ms = start + length * number // count
            yield Observation(
                response=self._response(provider, model, usage),
                context=CallContext(
                    source=Source.LOG if agent in ("gemini-cli", "opencode") else Source.PROXY,
                    started_at_ms=at_ms,
                    duration_ms=self.dice.randint(900, 28_000),
                    session_id=None if session is None else session.id,
                    agent_name=agent,
                    subagent_id="reviewer-1" if agent == "claude-code" and number % 7 == 6 else None,
                    project=str(self.home / "code" / "infra") if session is None else None,
                ),
            )

    def _response(self, provider: str, model: str, usage: TokenUsage) -> ModelResponse:
        self.calls += 1
        reported = Decimal("0.00412") if provider == "openrouter" else None
        return ModelResponse(
            provider_name=provider,
            api="anthropic.messages" if provider == "anthropic" else "openai.chat",
            request_model=model,
            response_model=model,
            response_id=f"demo-{self.calls}",
            parts=(UsagePart(usage=usage),),
            facts=BillingFacts(reported_cost_usd=reported),
            complete=self.calls % 97 != 0,
        )

    def _unattributed(self) -> None:
        self.app.recording.record(list(self._observations(None, self.now_ms - 2 * DAY_MS, 90 * MINUTE_MS)))

    def _budgets(self) -> None:
        shop = str(self.shop)
        for budget in (
            NewBudget(
                scope=BudgetScope.GLOBAL, limit_picousd=60 * PICO, period=BudgetPeriod.MONTH, action=BudgetAction.WARN
            ),
            NewBudget(scope=BudgetScope.PROJECT, project=shop, limit_picousd=9 * PICO, period=BudgetPeriod.WEEK),
            NewBudget(
                scope=BudgetScope.GLOBAL,
                agent_name="codex",
                limit_picousd=PICO,
                period=BudgetPeriod.DAY,
                action=BudgetAction.WARN,
            ),
        ):
            self.app.budgets.set(budget)
        self.app.alerts.add_rate(2 * PICO, None)
        self.app.alerts.add_jump(150, None)
        self.app.alerts.check()


def build(home: Path, *, days: int = 42, budgets: bool = True) -> None:
    """A new ledger below `home`."""
    Demo(home, time.time_ns() // 1_000_000).build(days, budgets=budgets)


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve())
