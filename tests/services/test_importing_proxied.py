"""Calls that both a log and the proxy saw: one row, whoever came first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from support.ledger import make_session
from support.logs import NOON_MS, Ledger, claude_line, encode, ledger, write_log


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Ledger]:
    with ledger(tmp_path / "ledger") as opened:
        yield opened


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def proxied(
    message_id: str = "msg_1", *, output: int = 321, session_id: int | None = None, **context: object
) -> Observation:
    """The same call as `claude_line` writes it, as the proxy saw it."""
    usage = TokenUsage(
        input_tokens=9203,
        cache_read_input_tokens=8000,
        cache_write_input_tokens=1200,
        cache_write_1h_input_tokens=200,
        output_tokens=output,
    )
    return Observation(
        response=ModelResponse(
            provider_name="anthropic",
            api="anthropic.messages",
            response_model="claude-sonnet-4-6",
            response_id=message_id,
            parts=(UsagePart(usage=usage),),
        ),
        context=CallContext(
            source=Source.PROXY, started_at_ms=NOON_MS - 2000, duration_ms=2000, session_id=session_id, **context
        ),
    )


def test_the_proxys_tokens_and_the_logs_context_make_one_row(imported: Ledger, logs: Path) -> None:
    """The join is exact: the answer's id. Importing, observing and importing again leaves it as it is."""
    write_log(logs / "a.jsonl", [claude_line(output=2, version="2.1.94")])
    imported.run(logs)
    imported.recording.record([proxied()])
    (row,) = imported.query(
        "SELECT output_tokens, git_branch, agent_name, sources, started_at_ms, usage_status FROM model_requests"
    )
    assert row == (321, "main", "claude-code", "log,proxy", NOON_MS - 2000, "complete")
    imported.check()

    before = imported.state()
    with (logs / "a.jsonl").open("ab") as file:
        file.write(encode([claude_line(output=2, version="2.1.94", at_ms=NOON_MS + 5)]))
    assert imported.run(logs)["claude-code"].new_calls == 0
    assert imported.state() == before
    imported.check()


def test_a_call_the_proxy_saw_first_keeps_its_session(imported: Ledger, logs: Path) -> None:
    """The run that made the call pays, whatever conversation the log names."""
    session = imported.store.create_session(make_session("/elsewhere", started_at_ms=NOON_MS - 5000), exclusive=True)
    assert session is not None
    imported.recording.record([proxied(session_id=session.id)])
    write_log(logs / "a.jsonl", [claude_line()])
    assert imported.run(logs)["claude-code"].totals.calls == 1
    assert imported.query("SELECT session_id, conversation_id FROM model_requests") == [(session.id, "parent")]
    assert imported.query("SELECT COUNT(*) FROM sessions") == [(1,)]
    imported.check()


def test_a_session_of_ours_takes_a_call_from_the_conversation_a_log_made(imported: Ledger, logs: Path) -> None:
    """Log first, proxy later: the conversation's session loses the call, and vanishes when it was the only one."""
    write_log(logs / "a.jsonl", [claude_line()])
    imported.run(logs)
    session = imported.store.create_session(make_session("/elsewhere", started_at_ms=NOON_MS - 5000), exclusive=True)
    assert session is not None
    imported.recording.record([proxied(session_id=session.id)])
    assert imported.query("SELECT id, requests FROM sessions") == [(session.id, 1)]
    imported.check()


def test_a_call_through_a_gateway_is_joined_by_its_id(imported: Ledger, logs: Path) -> None:
    """The proxy knows the host that bills; the log can only guess it."""
    seen = proxied()
    through = Observation(
        response=ModelResponse(
            provider_name="openrouter",
            api="anthropic.messages",
            response_model="anthropic/claude-sonnet-4.6",
            response_id="msg_1",
            parts=seen.response.parts,
        ),
        context=seen.context,
    )
    imported.recording.record([through])
    write_log(logs / "a.jsonl", [claude_line()])
    imported.run(logs)
    assert imported.query("SELECT provider_name, sources FROM model_requests") == [("openrouter", "log,proxy")]
    imported.check()


@pytest.mark.parametrize(("output", "rows"), [(321, 1), (322, 2)])
def test_a_call_without_an_id_is_matched_by_everything_else(
    imported: Ledger, logs: Path, output: int, rows: int
) -> None:
    """Model, four counts, time within the call's duration; one count that differs makes it another call."""
    imported.recording.record([proxied("msg_x", output=output, agent_name="claude-code")])
    line = claude_line(None, request_id=None, uuid="u1")
    write_log(logs / "a.jsonl", [line])
    imported.run(logs)
    write_log(logs / "b.jsonl", [line])
    assert imported.run(logs)["claude-code"].totals.calls == 1
    assert imported.query("SELECT COUNT(*) FROM model_requests") == [(rows,)]
    imported.check()


@pytest.mark.parametrize(("output", "rows"), [(321, 1), (322, 2)])
def test_a_call_that_a_log_showed_first_is_matched_too(imported: Ledger, logs: Path, output: int, rows: int) -> None:
    """Log first, proxy later: one row under the id of the answer, which the log finds again; counters stay exact."""
    write_log(logs / "a.jsonl", [claude_line(None, request_id=None, uuid="u1")])
    imported.run(logs)
    for _ in range(2):
        imported.recording.record([proxied("msg_x", output=output, agent_name="claude-code")])
    write_log(logs / "b.jsonl", [claude_line(None, request_id=None, uuid="u1")])
    assert imported.run(logs)["claude-code"].totals.calls == 1
    found = imported.query("SELECT response_id, sources FROM model_requests WHERE sources LIKE '%proxy%'")
    assert found == [("msg_x", "log,proxy" if rows == 1 else "proxy")]
    assert imported.query("SELECT COUNT(*) FROM model_requests") == [(rows,)]
    imported.check()


@pytest.mark.parametrize("ids", [("msg_1", None), (None, "msg_1")])
def test_what_the_proxy_saw_of_a_named_call_is_no_other_call(
    imported: Ledger, logs: Path, ids: tuple[str | None, str | None]
) -> None:
    """Two equal answers within seconds, one of them without an id; the proxy saw the other one."""
    imported.recording.record([proxied("msg_1", agent_name="claude-code")])
    told = [claude_line(name, request_id=None, uuid=f"u{at}", at_ms=NOON_MS + at) for at, name in enumerate(ids)]
    write_log(logs / "a.jsonl", told)
    assert imported.run(logs)["claude-code"].totals.calls == 2
    imported.check()


@pytest.mark.parametrize("steps", ["LP", "PL"])
@pytest.mark.parametrize(("seen", "request_id"), [((0,), None), ((2,), None), ((0, 1, 2), "req")])
def test_calls_of_a_gateway_that_names_all_alike_are_each_one_row(
    imported: Ledger, logs: Path, steps: str, seen: tuple[int, ...], request_id: str | None
) -> None:
    """The log does not know the request; the proxy saw some of the calls, before the import or after it."""
    wanted = [(1000, 50), (2000, 40), (3000, 60)]
    path, observed = logs / "a.jsonl", []
    lines = []
    for number, (prompt, output) in enumerate(wanted):
        at_ms, usage = NOON_MS + number * 60_000, {"input_tokens": prompt, "output_tokens": output}
        lines.append(claude_line("mock", request_id=None, uuid=f"u{number}", at_ms=at_ms, usage=usage))
        part = UsagePart(usage=TokenUsage(**usage))
        response = replace(proxied("mock").response, parts=(part,))
        named = f"{request_id}{number}" if request_id else None
        context = CallContext(source=Source.PROXY, started_at_ms=at_ms - 500, duration_ms=500, request_id=named)
        observed.append(Observation(response=response, context=context))
    for step in steps + steps:
        if step == "L":
            path.write_bytes(encode([b"", *lines]) if path.exists() else encode(lines))
            imported.run(logs)
        else:
            imported.recording.record([observed[number] for number in seen])
        imported.check()
    found = imported.query("SELECT input_tokens, output_tokens FROM model_requests ORDER BY 1")
    assert found == wanted


def test_time_alone_never_joins_a_log_and_the_proxy(imported: Ledger, logs: Path) -> None:
    """Everything agrees but the moment: two calls."""
    write_log(logs / "a.jsonl", [claude_line(None, request_id=None, uuid="u1", at_ms=NOON_MS - 10_000)])
    imported.run(logs)
    imported.recording.record([proxied("msg_x", agent_name="claude-code")])
    assert imported.query("SELECT COUNT(*) FROM model_requests") == [(2,)]


def test_a_log_that_guessed_the_biller_is_joined_by_its_id(imported: Ledger, logs: Path) -> None:
    """Log first: the host that answered is known later."""
    write_log(logs / "a.jsonl", [claude_line()])
    imported.run(logs)
    seen = proxied()
    imported.recording.record([replace(seen, response=replace(seen.response, provider_name="openrouter"))])
    assert imported.query("SELECT provider_name, sources FROM model_requests") == [("openrouter", "log,proxy")]
    assert imported.run(logs)["claude-code"].new_calls == 0
    imported.check()
