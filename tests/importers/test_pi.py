"""pi's session trees, and who pays for what a fork copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.sighting import Claim
from codesession.importers import registry
from codesession.importers.base import LogFile, Places
from codesession.importers.pi import Omp, Pi, Prime
from support.logs import NOON_MS, SAMPLES, Ledger, iso, read_all, write_log

PARENT, FORK = "01a200d6-a15f-725b-855e-299c7b2146a9", "01a200d6-aaee-73a6-9469-53b535c1504f"
RUN = SAMPLES / "pi" / "pi-0.73.1"


def header(session: str, at_ms: int, **fields: Any) -> dict[str, Any]:
    return {"type": "session", "version": 3, "id": session, "timestamp": iso(at_ms), "cwd": "/nowhere/w", **fields}


def reply(entry: str, at_ms: int, response_id: str | None = None, **message: Any) -> dict[str, Any]:
    usage = {
        "input": 3,
        "output": 321,
        "cacheRead": 8000,
        "cacheWrite": 1200,
        "totalTokens": 9524,
        "cost": {"total": 0.5},
    }
    said = {"role": "assistant", "provider": "mine", "model": "claude-opus-4-6", "usage": usage, "timestamp": at_ms}
    if response_id is not None:
        said["responseId"] = response_id
    return {"type": "message", "id": entry, "timestamp": iso(at_ms), "message": said | message}


def test_every_call_counts_once_for_the_session_that_made_it(imported: Ledger) -> None:
    """A fork repeats three answers of its parent and makes one of its own."""
    found = imported.run(RUN)["pi"]
    totals = found.totals
    assert (totals.calls, found.duplicates, totals.output_tokens) == (4, 3, 4 * 321)
    assert (totals.input_tokens, totals.cache_read_input_tokens) == (2 * 9203 + 2 * 9000, 4 * 8000)
    assert imported.calls_by_conversation() == {PARENT: 3, FORK: 1}
    imported.check()


def test_importing_twice_and_in_any_order_changes_nothing(imported: Ledger, tmp_path: Path) -> None:
    """The fork first, its parent later: the parent takes its calls back."""
    later, earlier = sorted(RUN.iterdir(), reverse=True)
    for path in (later, earlier, later):
        (tmp_path / "logs").mkdir(exist_ok=True)
        (tmp_path / "logs" / path.name).write_bytes(path.read_bytes())
        imported.run(tmp_path / "logs", "pi")
    assert imported.calls_by_conversation() == {PARENT: 3, FORK: 1}
    before = imported.state()
    assert imported.run(tmp_path / "logs", "pi")["pi"].new_calls == 0
    assert imported.state() == before


def test_only_new_lines_are_read(imported: Ledger, tmp_path: Path) -> None:
    """The header of the first pass still names the session of the second."""
    lines = [header("s", NOON_MS), reply("a", NOON_MS + 1, "r1")]
    path = write_log(tmp_path / "logs" / "x.jsonl", lines)
    imported.run(tmp_path / "logs")
    with path.open("ab") as file:
        file.write(json.dumps(reply("b", NOON_MS + 2, "r2")).encode() + b"\n" + b'{"type":"mess')
    assert imported.run(tmp_path / "logs")["pi"].new_calls == 1
    assert imported.calls_by_conversation() == {"s": 2}


def test_a_copy_without_a_response_id_is_known_by_entry_and_time(tmp_path: Path) -> None:
    """Entry ids are short and repeat between sessions; with the time of the answer they do not."""
    origin = "/logs/2026-03-01T12-00-00-000Z_aaaaaaaa-0000-4000-8000-000000000000.jsonl"
    one = write_log(tmp_path / "1.jsonl", [header("one", NOON_MS), reply("a", NOON_MS + 1)])
    copied = [header("two", NOON_MS + 9, parentSession=origin), reply("a", NOON_MS + 1), reply("a", NOON_MS + 10)]
    two = write_log(tmp_path / "2.jsonl", copied)
    first, copy, own = read_all(Pi(), one, two)
    assert first.observation.response.response_id == copy.observation.response.response_id
    assert own.observation.response.response_id != copy.observation.response.response_id
    assert (copy.claim, own.claim) == (Claim.NAMED_COPY, Claim.ORIGINAL)
    assert copy.observation.context.conversation_id == "aaaaaaaa-0000-4000-8000-000000000000"


def test_the_agents_own_figure_is_no_price(tmp_path: Path) -> None:
    """It is kept as the agent's word; an hour's cache writes are told apart."""
    path = write_log(tmp_path / "1.jsonl", [header("s", NOON_MS), reply("a", NOON_MS, "r")])
    (call,) = read_all(Pi(), path)
    response = call.observation.response
    assert str(response.facts.agent_cost_usd) == "0.5"
    assert response.facts.reported_cost_usd is None
    assert response.provider_name == "anthropic"


def test_what_was_cut_is_a_lower_bound_and_what_failed_is_no_call(tmp_path: Path) -> None:
    """An aborted answer was billed as far as it came; an error without counts was never answered."""
    zero = {"input": 0, "output": 0, "totalTokens": 0}
    lines = [
        header("s", NOON_MS),
        reply("a", NOON_MS, "r1", stopReason="aborted"),
        reply("b", NOON_MS, "r2", stopReason="error", usage=zero),
        reply("c", NOON_MS, "r3", usage=zero),
    ]
    cut, unknown = read_all(Pi(), write_log(tmp_path / "1.jsonl", lines))
    assert not cut.observation.response.complete
    assert unknown.observation.response.parts == ()


def test_a_compaction_with_usage_is_a_call_of_its_own(tmp_path: Path) -> None:
    """Newer versions note what writing the summary consumed; a title is what the user called the session."""
    lines = [
        header("s", NOON_MS),
        {"type": "model_change", "provider": "anthropic", "modelId": "claude-opus-4-6"},
        {"type": "compaction", "id": "k", "timestamp": iso(NOON_MS), "usage": {"input": 500, "output": 50}},
        {"type": "session_info", "name": "Fix the parser"},
    ]
    log = LogFile(path=write_log(tmp_path / "1.jsonl", lines), root=tmp_path)
    (call,) = Pi().read(log)
    assert call.observation.response.model == "claude-opus-4-6"
    assert call.observation.response.usage is not None
    assert log.conversations["s"].title == "Fix the parser"


def test_lines_that_are_broken_are_counted(imported: Ledger, tmp_path: Path) -> None:
    """They cost only themselves."""
    lines: list[Any] = [header("s", NOON_MS), b"not json", reply("a", NOON_MS, "r"), b'{"usage": nope}']
    write_log(tmp_path / "logs" / "1.jsonl", lines)
    totals = imported.run(tmp_path / "logs")["pi"].totals
    assert (totals.calls, totals.bad_lines) == (1, 2)


@pytest.mark.parametrize(("folder", "name"), [(".pi", "pi"), (".prime", "prime"), (".omp", "omp")])
def test_relatives_are_told_by_their_folder(folder: str, name: str) -> None:
    """One parser, a table of folders."""
    path = Path("/home/x") / folder / "agent" / "sessions" / "s.jsonl"
    head = json.dumps(header("s", NOON_MS)).encode()
    assert [each.name for each in (Pi(), Prime(), Omp()) if each.recognises(path, head)] == [name]
    assert path.is_relative_to(registry.load(name).homes(Places(environment={}, home=Path("/home/x")))[0])


def test_the_agents_variables_move_its_home() -> None:
    """`PI_CODING_AGENT_DIR` and `PI_CODING_AGENT_SESSION_DIR`."""
    environment = {"PI_CODING_AGENT_DIR": "/a", "PI_CODING_AGENT_SESSION_DIR": "~/b"}
    assert Pi().homes(Places(environment=environment, home=Path("/h"))) == [Path("/h/b"), Path("/a")]


@pytest.mark.parametrize("order", ["1 3 fork", "3 1 fork", "fork 3 1"])
def test_a_session_that_a_newer_version_wrote_anew_keeps_its_calls(
    imported: Ledger, tmp_path: Path, order: str
) -> None:
    """Version 1 had no entry ids; whatever opens such a session gives it some, and forks copy those."""
    answers = [reply("", NOON_MS), reply("", NOON_MS + 100)]
    given = [answer | {"id": name} for name, answer in zip("ab", answers, strict=True)]
    fork = header(FORK, NOON_MS + 500, parentSession=f"/x/2026_{PARENT}.jsonl")
    files = {
        "1": [header(PARENT, NOON_MS - 1), *({n: v for n, v in a.items() if n != "id"} for a in answers)],
        "3": [header(PARENT, NOON_MS - 1), *given, reply("c", NOON_MS + 200)],
        "fork": [fork, *given, reply("d", NOON_MS + 600)],
    }
    for name in order.split():
        path = f"{FORK}.jsonl" if name == "fork" else f"{PARENT}.jsonl"
        write_log(tmp_path / "logs" / path, files[name])
        imported.run(tmp_path / "logs", "pi")
    assert imported.calls_by_conversation() == {PARENT: 3, FORK: 1}
    imported.check()


def test_calls_beside_the_conversation_are_calls(tmp_path: Path) -> None:
    """They name a model of their own, which the conversation's summaries were not made by."""
    counts = {
        "input": 0,
        "output": 0,
        "cacheRead": 50_000,
        "cacheWrite": 0,
        "totalTokens": 50_000,
        "cost": {"total": 1},
    }
    warm = {"type": "usage", "kind": "cache_warm", "provider": "anthropic", "model": "claude-haiku-4-5"}
    warm |= {"id": "b", "timestamp": iso(NOON_MS + 1), "usage": counts}
    summary = {"type": "compaction", "id": "c", "timestamp": iso(NOON_MS + 2), "usage": counts | {"output": 9}}
    lines = [header(PARENT, NOON_MS - 1), reply("a", NOON_MS), warm, summary, warm | {"id": "d", "usage": None}]
    calls = [call.observation.response for call in read_all(Pi(), write_log(tmp_path / "s.jsonl", lines))]
    assert [call.model for call in calls] == ["claude-opus-4-6", "claude-haiku-4-5", "claude-opus-4-6"]
    assert calls[1].usage is not None
    assert (calls[1].usage.input_tokens, calls[1].usage.output_tokens) == (50_000, 0)


@pytest.mark.parametrize("anew", [False, True])
def test_a_sub_agent_of_prime_counts_in_its_own_file(imported: Ledger, tmp_path: Path, anew: bool) -> None:
    """A file that was written anew shows what sub-agents used in their parent's answer, too."""
    agent = tmp_path / ".prime" / "agent"
    answer = reply("a", NOON_MS + 1, "r1")
    used = dict(answer["message"]["usage"])
    lines = [header("root", NOON_MS), answer]
    both = used
    for at in (2, 3):
        both = {name: both[name] + used[name] for name in used if name != "cost"} | {"cost": {"total": 1}}
        told = {"targetId": "a", "childUsage": used, "aggregateUsage": both}
        lines.append({"type": "child_usage_attributed", "id": f"c{at}", "timestamp": iso(NOON_MS + at), **told})
        child = [header(f"child-{at}", NOON_MS, parentSession="/x/root.jsonl"), reply("a", NOON_MS + at, f"r{at}")]
        write_log(agent / "session-artifacts" / "root" / f"sub-{at}" / f"child-{at}.jsonl", child)
    path = write_log(agent / "sessions" / "root.jsonl", lines)
    imported.run(agent, "prime")
    if anew:
        answer["message"]["usage"] = both
        write_log(path, lines)
        imported.run(agent, "prime")
    assert imported.query("SELECT response_id, output_tokens FROM model_requests ORDER BY 1") == [
        ("r1", 321),
        ("r2", 321),
        ("r3", 321),
    ]
    assert imported.query("SELECT conversation_id, requests FROM sessions") == [("root", 3)]
    imported.check()


@pytest.mark.parametrize("drawn", ["chatcmpl-417", "resp_90417"])
def test_an_id_that_a_local_server_drew_twice_is_of_two_calls(imported: Ledger, tmp_path: Path, drawn: str) -> None:
    """Ollama has a thousand of them; a fork repeats the entry with its id and time."""
    first, second = reply("e1", NOON_MS + 1, drawn), reply("e2", NOON_MS + 2, drawn)
    write_log(tmp_path / f"0_{PARENT}.jsonl", [header(PARENT, NOON_MS), first, second])
    fork = header(FORK, NOON_MS + 9, parentSession=f"/nowhere/0_{PARENT}.jsonl")
    write_log(tmp_path / f"1_{FORK}.jsonl", [fork, first, second, reply("e3", NOON_MS + 10, drawn)])
    found = imported.run(tmp_path, "pi")["pi"]
    assert (found.totals.calls, found.duplicates) == (3, 2)
    assert imported.calls_by_conversation() == {PARENT: 2, FORK: 1}


@pytest.mark.parametrize("order", [(PARENT, FORK), (FORK, PARENT)])
def test_an_answer_without_counts_is_the_one_of_its_id_with_counts(
    imported: Ledger, tmp_path: Path, order: tuple[str, str]
) -> None:
    """Whichever file is read first."""
    used = {PARENT: {"input": 0, "output": 0, "totalTokens": 0}, FORK: {"input": 9, "output": 9, "totalTokens": 18}}
    for session in order:
        told = reply("e1", NOON_MS, "chatcmpl-default", usage=used[session])
        write_log(tmp_path / f"0_{session}.jsonl", [header(session, NOON_MS), told])
        imported.run(tmp_path, "pi")
    assert imported.query("SELECT input_tokens, output_tokens FROM model_requests") == [(9, 9)]
    imported.check()


def test_answers_of_a_gateway_that_names_all_alike_are_different_calls(imported: Ledger, tmp_path: Path) -> None:
    """Their prompts tell them apart, one that was cut included; a fork repeats them with the same counts."""

    def told(number: int) -> dict[str, Any]:
        usage = {"input": 1000 * number, "output": 9, "totalTokens": 1000 * number + 9}
        reason = "aborted" if number == 2 else "stop"
        return reply(f"e{number}", NOON_MS + number, "chatcmpl-default", usage=usage, stopReason=reason)

    write_log(tmp_path / f"0_{PARENT}.jsonl", [header(PARENT, NOON_MS), told(1), told(2)])
    fork = header(FORK, NOON_MS + 9, parentSession=f"/nowhere/0_{PARENT}.jsonl")
    write_log(tmp_path / f"1_{FORK}.jsonl", [fork, told(1), told(2), told(10)])
    found = imported.run(tmp_path, "pi")["pi"]
    assert (found.totals.calls, found.totals.input_tokens, found.duplicates) == (3, 13_000, 2)
    assert imported.calls_by_conversation() == {PARENT: 2, FORK: 1}
    imported.check()
