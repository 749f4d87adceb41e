"""One thread, one resource, questions in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from codesession.services.worker import Worker


class Counter:
    """Opened in the worker's thread; counts how often."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.opened = 0
        self.closed = 0
        self.threads: set[str] = set()

    @contextmanager
    def open(self) -> Iterator[Counter]:
        self.threads.add(threading.current_thread().name)
        if self.fails:
            self.fails -= 1
            raise OSError("not yet")
        self.opened += 1
        yield self
        self.closed += 1


def test_questions_are_answered_in_order_by_one_thread_over_one_resource() -> None:
    """Opened for the first, closed at the end."""
    counter, order = Counter(), []
    worker = Worker(counter.open, "test")
    answers = [worker.ask(lambda _, n=n: order.append(n) or n) for n in range(100)]  # type: ignore[misc]
    assert [answer.result(5) for answer in answers] == order == list(range(100))
    assert worker.run(lambda one: one is counter)
    assert worker.close()
    assert (counter.opened, counter.closed, counter.threads) == (1, 1, {"codesession-test"})


def test_an_error_belongs_to_whoever_asked() -> None:
    """The thread lives on, whatever was raised."""
    worker = Worker(Counter().open, "test")

    def fails(_: Counter) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.run(fails)
    assert worker.run(lambda _: "still here") == "still here"
    worker.close()


def test_a_resource_that_could_not_be_opened_is_tried_again() -> None:
    """The disk may be back."""
    counter = Counter(fails=2)
    worker = Worker(counter.open, "test")
    for _ in range(2):
        with pytest.raises(OSError, match="not yet"):
            worker.run(lambda _: None)
    assert worker.run(lambda one: one.opened) == 1
    worker.close()


def test_a_question_nobody_waits_for_any_more_is_not_asked() -> None:
    """Its future was cancelled while another held the thread."""
    held, asked = threading.Event(), []
    worker = Worker(Counter().open, "test")
    first = worker.ask(lambda _: held.wait(5))
    second = worker.ask(lambda _: asked.append(1))
    assert second.cancel()
    held.set()
    first.result(5)
    worker.close()
    assert asked == []


def test_close_finishes_what_was_asked_but_does_not_wait_for_ever() -> None:
    """False: somebody is still at it."""
    held, done = threading.Event(), []
    worker = Worker(Counter().open, "test")
    worker.ask(lambda _: held.wait(5))
    worker.ask(lambda _: done.append(1))
    assert not worker.close(0.01)
    held.set()
    assert worker.close()
    assert done == [1]
