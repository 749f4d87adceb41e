"""Counters and lines about failures."""

from __future__ import annotations

import pytest

from codesession.proxy.diagnostics import Diagnostics, to_stderr


def test_a_failure_is_told_ten_times_and_counted_always() -> None:
    """A dead network must not flood a terminal."""
    lines: list[str] = []
    diagnostics = Diagnostics(lines.append)
    for _ in range(50):
        diagnostics.report("upstream_failed", "https://host: refused")
    assert diagnostics.counts["upstream_failed"] == 50
    assert lines == ["upstream failed: https://host: refused"] * 10


def test_a_closed_stderr_does_not_break_a_call() -> None:
    """The counter still tells."""

    def closed(_line: str) -> None:
        raise ValueError("I/O operation on closed file")

    diagnostics = Diagnostics(closed)
    diagnostics.report("upstream_failed", "x")
    assert diagnostics.counts["log_failed"] == 1


def test_the_default_sink_is_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Data never goes there, words do."""
    to_stderr("line")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "codesession proxy: line\n")
