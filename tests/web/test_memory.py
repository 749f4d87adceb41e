"""Answers are remembered until the ledger changes; slow ones are renewed behind the scenes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from codesession.app import App
from codesession.web import memory as module
from codesession.web.memory import Memory
from codesession.web.workers import Workers


class Answer(BaseModel):
    """Which time the question was asked."""

    number: int


class FakeWatcher:
    """A mark that the test moves."""

    def __init__(self) -> None:
        self.current = 1
        self.nudges = 0

    async def mark(self) -> int:
        return self.current

    def nudge(self) -> None:
        self.nudges += 1


class Case:
    """A memory, and a question that counts how often it is really asked."""

    def __init__(self, workers: Workers, seconds: float) -> None:
        self.watcher, self.workers, self.asked, self.seconds = FakeWatcher(), workers, 0, seconds
        self.memory = Memory(self.watcher)  # type: ignore[arg-type]  # it asks for the mark and nudges, no more

    def question(self, _: App, same: int = 0) -> Answer:
        self.asked += 1
        time.sleep(self.seconds)
        return Answer(number=self.asked)

    async def ask(self) -> int:
        return Answer.model_validate_json(await self.memory.answer(self.workers, self.question, 0)).number


def run(tmp_path: Path, seconds: float, test: Callable[[Case], Awaitable[None]]) -> None:
    workers = Workers(App({"HOME": str(tmp_path)}), threads=2, waiting=10, name="test")
    try:
        asyncio.run(test(Case(workers, seconds)))  # type: ignore[arg-type]  # a coroutine function was given
    finally:
        workers.close()


def test_an_answer_is_made_anew_when_the_ledger_changed(tmp_path: Path) -> None:
    """And not before."""

    async def test(case: Case) -> None:
        assert [await case.ask(), await case.ask()] == [1, 1]
        case.watcher.current += 1
        assert await case.ask() == 2

    run(tmp_path, 0, test)


def test_asked_by_many_at_once_it_is_made_once(tmp_path: Path) -> None:
    """A flood of the same question costs one answer; one who leaves takes it from nobody."""

    async def test(case: Case) -> None:
        asking = [asyncio.ensure_future(case.ask()) for _ in range(50)]
        await asyncio.sleep(0.02)
        asking[0].cancel()
        assert {await one for one in asking[1:]} == {1}

    run(tmp_path, 0.1, test)


def test_a_slow_answer_is_given_as_it_was_and_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, and pages are told that there is something new."""
    monkeypatch.setattr(module, "REST", 0)

    async def test(case: Case) -> None:
        await case.ask()
        case.watcher.current += 1
        assert await case.ask() == 1
        await asyncio.sleep(0.2)
        assert case.watcher.nudges == 1
        assert await case.ask() == 2

    run(tmp_path, 0.08, test)


def test_a_question_that_fails_is_not_remembered(tmp_path: Path) -> None:
    """Whoever asks next asks anew."""

    async def test(case: Case) -> None:
        def broken(_: App) -> Answer:
            raise ValueError("no")

        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                await case.memory.answer(case.workers, broken)

    run(tmp_path, 0, test)


def test_only_so_much_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes first."""
    monkeypatch.setattr(module, "ENTRIES", 3)

    async def test(case: Case) -> None:
        for number in range(5):
            await case.memory.answer(case.workers, case.question, number)
        assert len(case.memory._entries) == 3

    run(tmp_path, 0, test)
