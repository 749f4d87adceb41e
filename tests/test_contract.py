"""The documented keys, times and amounts."""

from __future__ import annotations

import json

import pytest

from codesession import contract
from codesession.domain.pricing import CostStatus
from codesession.domain.request import Source, UsageStatus
from codesession.domain.session import SessionStatus
from codesession.domain.totals import SessionStats
from codesession.services.sessions import SessionDetail
from support.ledger import NOW_MS, make_request
from support.sessions import make_stored


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (1_795_312_725_946, "2026-11-22T01:58:45.946Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_utc_with_milliseconds_and_z(at_ms: int, text: str) -> None:
    """As JavaScript writes and reads them; before 1970 as well."""
    assert contract.iso(at_ms) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59, "59s"),
        (60, "1m 0s"),
        (192, "3m 12s"),
        (3_600, "1h 0m"),
        (7_505, "2h 5m"),
        (86_400, "1d 0h"),
        (273_600, "3d 4h"),
    ],
)
def test_durations_are_the_two_units_that_matter(seconds: int, text: str) -> None:
    """Rounded down."""
    assert contract.format_duration(seconds * 1_000 + 999) == text


def test_an_active_session_has_no_end_and_an_ended_one_has_all() -> None:
    """Null, not zero and not now."""
    active = contract.session_json(make_stored())
    assert (active["endTime"], active["duration"], active["durationFormatted"], active["budget"]) == (None,) * 4
    ended = contract.session_json(
        make_stored(
            status=SessionStatus.COMPLETED, ended_at_ms=NOW_MS + 90_500, cost_picousd=54 * 10**9, budget_picousd=10**12
        )
    )
    assert (ended["duration"], ended["durationFormatted"], ended["aiCost"], ended["budget"]) == (
        90,
        "1m 30s",
        0.054,
        1.0,
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, "complete"), ({"unpriced_requests": 1}, "lower_bound"), ({"lower_bound_requests": 1}, "lower_bound")],
)
def test_a_sum_says_whether_it_is_all(changes: dict[str, int], status: str) -> None:
    """A script must be able to see that the true cost is higher."""
    assert contract.session_json(make_stored(**changes))["costStatus"] == status


def test_a_call_without_a_price_has_a_cost_of_null() -> None:
    """The key is there: null is an answer, 0 would be a wrong one."""
    call = contract.call_json(make_request(cost_picousd=None, cost_status=CostStatus.UNKNOWN))
    assert call["cost"] is None
    assert call["costStatus"] == "unknown"


def test_a_call_says_what_it_knows_and_nothing_else() -> None:
    """Bare totals have no split; made-up keys are not shown as ids of the provider."""
    bare = contract.call_json(make_request(response_id="~manual:1", usage=None, reported_total_tokens=9))
    assert bare["tokens"] == 9
    assert bare.keys().isdisjoint({"promptTokens", "responseId", "agentName", "requestModel", "durationMs"})
    full = contract.call_json(
        make_request(
            response_model="dated", usage_status=UsageStatus.LOWER_BOUND, sources=frozenset({Source.PROXY, Source.LOG})
        )
    )
    assert (full["model"], full["requestModel"], full["usageStatus"]) == ("dated", "claude-sonnet-4-5", "lower_bound")
    assert (full["sources"], full["promptTokens"], full["cacheReadTokens"]) == (["log", "proxy"], 1_000, 200)


def test_notes_have_both_their_names() -> None:
    """In a detail `notes` are the remarks, in an export the end note, as in a list; `annotations` are remarks."""
    detail = SessionDetail(
        session=make_stored(end_notes="done"), requests=[], files=[], commits=[], notes=[], seen_at_ms=NOW_MS + 5000
    )
    shown = contract.detail_json(detail, files=False, commits=False)
    assert (shown["notes"], shown["annotations"], shown["endNotes"]) == ([], [], "done")
    assert (shown["commits"], "files" in shown) == (0, False)
    exported = contract.export_json(detail)
    assert (exported["notes"], exported["annotations"], exported["commits"], exported["files"]) == ("done", [], [], [])
    live = contract.status_json(detail)
    assert (live["liveDuration"], live["liveDurationFormatted"]) == (5, "5s")


def test_an_export_names_the_commit_the_session_began_at() -> None:
    """As the npm tool's did; lists and details leave it out."""
    session = make_stored(start_git_head="abc")
    detail = SessionDetail(session=session, requests=[], files=[], commits=[], notes=[], seen_at_ms=NOW_MS)
    assert contract.export_json(detail)["startGitHead"] == "abc"


def test_an_average_of_nothing_is_zero() -> None:
    """No division by the number of sessions there are not."""
    none = SessionStats(
        sessions=0, duration_ms=0, files_changed=0, commits=0, cost_picousd=0, total_tokens=0, requests=0,
        unpriced_requests=0, lower_bound_requests=0, list_price_requests=0,
    )  # fmt: skip
    assert contract.stats_json(none)["avgSessionTime"] == 0


def test_every_answer_is_json_without_surprises() -> None:
    """No NaN, no object that only Python knows."""
    for answer in (contract.session_json(make_stored()), contract.call_json(make_request())):
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_session_says_where_it_comes_from() -> None:
    """Ours, or a conversation in an agent's log."""
    ours = contract.session_json(make_stored())
    assert (ours["source"], ours["agentName"], ours["conversationId"]) == ("cs", None, None)
    logged = contract.session_json(make_stored(source="log", agent_name="codex", conversation_id="t1"))
    assert (logged["source"], logged["agentName"], logged["conversationId"]) == ("log", "codex", "t1")


def test_much_json_is_indented_as_little_is() -> None:
    """What is large is indented by another library, with the same characters, numbers and empty lists."""
    part = {"text": 'ä"\\\n\u2028{[,:]}', "torn": "\ud83d", "costs": [1e-7, 0.1, 3.0, -2, None, True], "none": [[], {}]}
    large = [part] * 2_000

    assert contract.indented(large) == json.dumps(large, ensure_ascii=False, indent=2)
    assert (
        contract.indented(part)
        == contract.indented(part, is_one_of_many=True)
        == json.dumps(part, ensure_ascii=False, indent=2)
    )
