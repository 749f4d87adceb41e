"""Batches of imported calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from codesession.domain.imports import ImportBatch, ImportCursor, PlannedSession
from codesession.domain.request import ModelRequest, Source
from codesession.domain.usage import TokenUsage
from codesession.errors import StorageError
from codesession.store.database import Database
from codesession.store.importing import SqlImports
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_request, make_session

Take = Callable[..., int]


@pytest.fixture
def imports(database: Database) -> SqlImports:
    return SqlImports(database)


@pytest.fixture
def take(imports: SqlImports) -> Take:
    """Keep calls in one batch; prices are left as they are."""

    def run(*calls: ModelRequest, clash: bool = False, **batch: Any) -> int:
        sessions = {c.conversation_id or "": planned(c.conversation_id or "") for c in calls}
        kept = [imports.prepared(call, ids_may_clash=clash) for call in calls]
        return imports.take(ImportBatch(calls=kept, sessions=sessions, **batch), lambda row: row)

    return run


def planned(conversation: str, **changes: Any) -> PlannedSession:
    """The session of a conversation."""
    values: dict[str, Any] = {
        "agent_name": "claude-code",
        "conversation_id": conversation,
        "name": conversation,
        "titled": False,
        "directory": "/repo",
        "git_root": None,
        "git_branch": None,
    }
    return PlannedSession(**{**values, **changes})


def logged(response_id: str = "m", conversation: str = "a", rank: str = "0:1", **changes: Any) -> ModelRequest:
    """A call as a log shows it."""
    values: dict[str, Any] = {
        "conversation_id": conversation,
        "agent_name": "claude-code",
        "owner_rank": f"{rank}:{conversation}",
        "sources": frozenset({Source.LOG}),
    }
    return make_request(response_id=response_id, **{**values, **changes})


def counters(database: Database, conversation: str) -> tuple[Any, ...]:
    """Calls and cost that a conversation's session was counted."""
    sql = "SELECT requests, cost_picousd FROM sessions WHERE conversation_id = :id"
    return next(iter(database.query(sql, {"id": conversation})), ())


def used(database: Database) -> list[tuple[Any, ...]]:
    """Conversation, agent, source, calls and cost of what sessions used."""
    return sorted(
        database.query(
            "SELECT conversation_id, agent_name, source, requests, cost_picousd FROM session_usage WHERE requests > 0"
        )
    )


def test_a_call_is_new_once(take: Take, database: Database) -> None:
    """In one batch and in the next."""
    assert take(logged(), logged()) == 1
    assert take(logged()) == 0
    assert counters(database, "a") == (1, 4_500_000_000)


def test_ownership_moves_with_everything_that_counts_it(take: Take, database: Database) -> None:
    """The old session vanishes with its last call; rollups are subtracted where they were added."""
    take(
        logged(conversation="copy", rank="3:1", project="/copy"),
        logged("other", conversation="copy", started_at_ms=NOW_MS + 5),
    )
    take(logged(conversation="original", rank="0:1", project="/original"))
    assert counters(database, "copy") == (1, 4_500_000_000)
    assert counters(database, "original") == (1, 4_500_000_000)
    own = ("claude-code", "log", 1, 4_500_000_000)
    assert used(database) == [("copy", *own), ("original", *own)]
    bounds = database.query("SELECT started_at_ms, ended_at_ms FROM sessions WHERE conversation_id = 'copy'")
    assert bounds == [(NOW_MS + 5, NOW_MS + 5)]
    by_project = database.query("SELECT project, SUM(requests) FROM usage_rollups GROUP BY 1 HAVING SUM(requests) > 0")
    assert sorted(by_project) == [("", 1), ("/original", 1)]

    take(logged("other", conversation="original", rank="0:0"))
    assert counters(database, "copy") == ()
    assert used(database) == [("original", "claude-code", "log", 2, 9_000_000_000)]
    assert database.query("SELECT COUNT(*) FROM session_usage") == [(1,)]


def test_a_session_that_someone_wrote_a_note_for_is_kept_when_it_is_empty(
    take: Take, store: SqlStore, database: Database
) -> None:
    """What a person added is not ours to remove."""
    take(logged(conversation="copy", rank="3:1"))
    store.add_note(1, "look at this again", at_ms=NOW_MS)
    take(logged(conversation="original", rank="0:1"))
    assert counters(database, "copy") == (0, 0)


def test_calls_that_share_an_id_get_keys_of_their_own(take: Take, database: Database) -> None:
    """And are found by them again, by copies without a request id too."""
    first = logged(request_id="r1")
    second = logged(request_id="r2", usage=TokenUsage(input_tokens=7, output_tokens=7))
    copy = replace(second, request_id=None, owner_rank="3:2:b", conversation_id="b")
    assert take(first, second, clash=True) == 2
    assert take(second, copy, first, clash=True) == 0
    keys = sorted(key for (key,) in database.query("SELECT response_id FROM model_requests"))
    assert keys[0] == "m"
    assert keys[1].startswith("~m#")
    assert counters(database, "a")[0] == 2


def test_a_log_finds_its_call_among_those_that_the_proxy_saw_under_one_id(
    take: Take, store: SqlStore, database: Database
) -> None:
    """Each goes to the one with its prompt; what agrees with none is the first one's, as ever."""
    small, large = TokenUsage(input_tokens=1, output_tokens=1), TokenUsage(input_tokens=7, output_tokens=7)
    store.add_requests([make_request(response_id="m", usage=usage) for usage in (small, large)])
    assert take(*(logged(usage=usage) for usage in (large, small, TokenUsage(input_tokens=5)))) == 0
    rows = database.query("SELECT input_tokens, output_tokens, sources FROM model_requests ORDER BY input_tokens")
    assert rows == [(1, 1, "log,proxy"), (7, 7, "log,proxy")]


def test_a_call_keeps_the_session_that_another_source_gave_it(take: Take, store: SqlStore, database: Database) -> None:
    """A log adds context to what the proxy counted, it does not take it away."""
    session = store.create_session(make_session(), exclusive=True)
    assert session is not None
    store.add_request(make_request(response_id="m", session_id=session.id))
    assert take(logged()) == 0
    assert database.query("SELECT session_id, conversation_id FROM model_requests") == [(session.id, "a")]
    assert counters(database, "a") == ()


def test_a_cursor_counts_the_calls_its_file_owns(imports: SqlImports, take: Take, store: SqlStore) -> None:
    """Also when another source completes a call later."""
    cursors = imports.open_cursors("claude-code", ["/a", "/b"])
    take(logged(import_id=cursors["/a"].id, rank="3:1"))
    take(logged(import_id=cursors["/b"].id, rank="0:1", conversation="b"))
    store.add_request(make_request(response_id="m", usage=TokenUsage(input_tokens=1_000, output_tokens=500)))
    totals = {path: (found.calls, found.output_tokens) for path, (found, _) in imports.totals("claude-code").items()}
    assert totals == {"/a": (0, 0), "/b": (1, 500)}


def test_cursors_are_saved_with_the_calls_they_stand_behind(imports: SqlImports, take: Take) -> None:
    """One transaction: a crash loses neither and repeats harmlessly."""
    cursor = imports.open_cursors("claude-code", ["/a"])["/a"]
    take(logged(), cursors=[replace(cursor, start=10, lines=3, state='{"x":1}')])
    found = imports.cursors("claude-code")["/a"]
    assert (found.start, found.lines, found.state, found.id) == (10, 3, '{"x":1}', cursor.id)
    assert imports.cursors("codex") == {}


def test_a_batch_that_fails_changes_nothing(imports: SqlImports, database: Database) -> None:
    """All or nothing, counters included."""
    broken = ImportCursor(agent_name="claude-code", path="/a", size=2**70)
    batch = ImportBatch(calls=[imports.prepared(logged())], sessions={"a": planned("a")}, cursors=[broken])
    imports.open_cursors("claude-code", ["/a"])
    with pytest.raises(StorageError):
        imports.take(batch, lambda row: row)
    assert database.query("SELECT COUNT(*) FROM model_requests") == [(0,)]
    assert database.query("SELECT COUNT(*) FROM sessions") == [(0,)]


def test_text_that_databases_refuse_is_made_visible(take: Take, database: Database) -> None:
    """Lone surrogates and NUL in ids, names and models."""
    assert take(logged("m\udc80\x00", conversation="c\udc80", request_model="x\x00")) == 1
    assert database.query("SELECT response_id, conversation_id FROM model_requests") == [(r"m\x80␀", r"c\x80")]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("nameless_first", [True, False])
def test_a_log_without_the_id_tells_of_the_same_call(
    take: Take, database: Database, together: bool, nameless_first: bool
) -> None:
    """By what both can say of it, whether or not the row was known by that; again and again."""
    calls = [logged("~what both say", rank="1:1"), logged("id", log_key="~what both say")]
    calls = calls if nameless_first else calls[::-1]
    for batch in (calls,) if together else ((call,) for call in calls * 2):
        take(*batch)
    rows = database.query("SELECT response_id, log_key FROM model_requests")
    assert rows == [("id", "~what both say")]
    assert counters(database, "a") == (1, 4_500_000_000)


def test_originals_that_are_alike_stay_two_calls(take: Take) -> None:
    """Both logs name them: in two conversations, or with two names of the agent's; a copy is one of them."""
    alike = {"log_key": "~what both say"}
    assert take(logged("~1", **alike), logged("~2", **alike), logged("3", conversation="b", **alike)) == 3
    assert take(logged("~what both say", conversation="c", rank="3:1", **alike)) == 0


def test_a_row_that_was_joined_by_its_own_name_gets_the_shared_one(take: Take, store: SqlStore) -> None:
    """Imports joined the proxy's row by the agent's name for a call; a copy knows only what both say."""
    store.add_request(make_request(response_id="api", log_key="~own", sources=frozenset({Source.PROXY})))
    assert take(logged("~own", log_key="~what both say")) == 0
    assert take(logged("~what both say", conversation="b", rank="3:1", log_key="~what both say")) == 0


def test_a_copy_finds_the_call_that_its_original_was_matched_with(take: Take, store: SqlStore) -> None:
    """The proxy saw it, the log has no id of the API's, and a fork copied what the log says."""
    store.add_request(make_request(response_id="api", sources=frozenset({Source.PROXY})))
    original = logged("~own", log_key="~what both say")
    copy = logged("~what both say", conversation="b", rank="3:1", log_key="~what both say")
    assert [take(call) for call in (original, copy, original)] == [0, 0, 0]
