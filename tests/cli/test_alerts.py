"""`cs alerts` from outside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.shell import Answer

Cs = Callable[..., Answer]


def test_a_rule_is_added_breached_told_once_and_removed(cs: Cs) -> None:
    """`check` is for cron: it prints what is new and nothing else."""
    cs("start", "task", "--json")
    rule = cs("alerts", "add", "--rate", "1", "--json").json["alert"]
    assert (rule["kind"], rule["limitUsd"]) == ("rate", 1.0)
    assert cs("alerts", "check").out == ""
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "2")
    assert cs("alerts", "check").out == "$2.00 spent within an hour, limit $1.00\n"
    assert cs("alerts", "check", "--json").json["new"] == []
    listed = cs("alerts", "list", "--json").json
    assert [breach["alertId"] for breach in listed["breaches"]] == [rule["id"]]
    assert "$2.00 spent" in cs("alerts", "list").out
    assert cs("alerts", "remove", str(rule["id"]), "--json").json["removed"] == rule["id"]
    assert cs("alerts", "list", "--json").json["alerts"] == []


@pytest.mark.parametrize(
    "arguments",
    [("add",), ("add", "--rate", "1", "--jump", "300"), ("add", "--jump", "50"), ("remove", "9"), ("test",)],
)
def test_what_makes_no_sense_is_refused(cs: Cs, arguments: tuple[str, ...]) -> None:
    """With the envelope's code for misuse."""
    assert cs("alerts", *arguments, "--json").error["code"] == "invalid_input"
