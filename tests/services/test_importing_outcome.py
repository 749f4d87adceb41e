"""Totals of what was imported from a folder."""

from __future__ import annotations

from codesession.domain.imports import ImportTotals
from codesession.services.importing.outcome import NAMED, AgentImport, summed


def test_totals_cover_the_files_below_the_folders() -> None:
    """By whole names of folders; unreadable lines are named up to a limit."""
    totals = {
        "/logs/a/1.jsonl": (ImportTotals(calls=1, lines=3, cost_picousd=5), '[[2,"broken"]]'),
        "/logs/ab/2.jsonl": (ImportTotals(calls=10, lines=10), ""),
        "/logs/c.jsonl": (ImportTotals(calls=100, lines=100), ""),
    }
    total, unreadable = summed(totals, ["/logs/a", "/logs/c.jsonl", "/logs/a/1.jsonl"])
    assert (total.calls, total.lines, total.cost_picousd) == (101, 103, 5)
    assert [(line.path, line.number, line.reason) for line in unreadable] == [("/logs/a/1.jsonl", 2, "broken")]

    many = {f"/x/{n}": (ImportTotals(), '[[1,"a"],[2,"b"]]') for n in range(NAMED)}
    assert len(summed(many, ["/x"])[1]) == NAMED


def test_repeated_lines_are_what_is_more_than_calls() -> None:
    """Never negative: a call may be owned by a file that showed it once among many."""

    def repeated(lines: int, calls: int) -> int:
        totals = ImportTotals(lines=lines, calls=calls)
        return AgentImport(
            agent_name="x", title="X", roots=(), files=1, read_files=1, new_calls=0, totals=totals
        ).duplicates

    assert (repeated(5, 2), repeated(1, 2)) == (3, 0)
