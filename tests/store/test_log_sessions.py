"""Sessions for imported calls."""

from __future__ import annotations

from typing import Any

from codesession.domain.facts import replace
from codesession.domain.imports import PlannedSession
from codesession.domain.request import ModelRequest
from codesession.store.call_rows import columns_of
from codesession.store.database import Database
from codesession.store.log_sessions import LogSessions
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_request, make_session


def planned(name: str = "widgets 2026-11-22", *, titled: bool = False) -> dict[str, PlannedSession]:
    """The session of conversation `c`, also for its sub-agent `sub`."""
    plan = PlannedSession(
        agent_name="codex",
        conversation_id="c",
        name=name,
        titled=titled,
        directory="/repo",
        git_root="/repo",
        git_branch="main",
    )
    return {"c": plan, "sub": plan}


def call(conversation: str = "c", at_ms: int = NOW_MS, project: str = "/repo") -> ModelRequest:
    """A call of a conversation."""
    return make_request(conversation_id=conversation, started_at_ms=at_ms, project=project)


def placed(database: Database, *calls: ModelRequest, **options: Any) -> list[int | None]:
    """The sessions of calls, in one transaction."""
    with database.transaction():
        sessions = LogSessions(database, options.pop("planned", planned()), **options)
        found = [sessions.place(columns_of(each)) for each in calls]
        sessions.settle(set())
    return found


def test_a_conversation_and_its_sub_agents_share_one_session(database: Database, store: SqlStore) -> None:
    """From the first call to the last, whatever the order."""
    found = placed(database, call(at_ms=NOW_MS + 5), call("sub", NOW_MS + 9), call(at_ms=NOW_MS))
    assert found == [1, 1, 1]
    assert placed(database, call(at_ms=NOW_MS - 7)) == [1]
    session = store.session(1)
    assert session is not None
    assert (session.started_at_ms, session.ended_at_ms) == (NOW_MS - 7, NOW_MS + 9)
    assert (session.source, session.conversation_id, session.is_active) == ("log", "c", False)


def test_a_session_is_named_by_the_day_of_its_first_call_whichever_is_read_first(
    database: Database, store: SqlStore
) -> None:
    """Files of sub-agents may be read before the conversation's own; a name that somebody gave stays."""
    dated = {name: replace(plan, name="widgets", dated=True) for name, plan in planned().items()}
    for days, name in ((3, "widgets 2026-11-25"), (1, "widgets 2026-11-23"), (2, "widgets 2026-11-23")):
        placed(database, call("sub", NOW_MS + days * 86_400_000), call(at_ms=NOW_MS + days * 86_400_000), planned=dated)
        assert [each.name for each in store.sessions(limit=None)] == [name]
    placed(database, call(), planned=planned("Mend the login", titled=True))
    placed(database, call(at_ms=NOW_MS - 86_400_000), planned=dated)
    assert [each.name for each in store.sessions(limit=None)] == ["Mend the login"]


def test_a_title_renames_a_session_and_a_default_name_does_not(database: Database, store: SqlStore) -> None:
    """A later run knows no title and must not take it away."""
    placed(database, call(), planned=planned("Mend the login", titled=True))
    placed(database, call(), planned=planned())
    session = store.session(1)
    assert session is not None
    assert session.name == "Mend the login"


def test_an_open_or_past_session_of_the_repository_takes_what_it_covers(database: Database, store: SqlStore) -> None:
    """Not before its start, not after its end, not elsewhere."""
    store.create_session(make_session("/repo", started_at_ms=NOW_MS), exclusive=True)
    assert placed(database, call(at_ms=NOW_MS), call(at_ms=NOW_MS - 1), call(project="/other")) == [1, 2, 2]
    store.finish_session(1, ended_at_ms=NOW_MS + 10, notes=None)
    assert placed(database, call(at_ms=NOW_MS + 10), call(at_ms=NOW_MS + 11)) == [1, 2]


def test_of_several_sessions_only_the_preferred_one_is_taken(database: Database, store: SqlStore) -> None:
    """Nothing is guessed."""
    for _ in range(2):
        store.create_session(make_session("/repo", started_at_ms=NOW_MS), exclusive=False)
    assert placed(database, call(), preferred_session=2) == [2]
    assert placed(database, call(), preferred_session=9) == [3]


def test_a_call_of_an_unknown_conversation_stays_unattributed(database: Database) -> None:
    """It is kept, not guessed."""
    assert placed(database, call("unheard of")) == [None]
