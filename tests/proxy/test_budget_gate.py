"""The proxy keeps to the budgets: before the money is spent, in words that agents understand, once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from codesession.app import App
from codesession.domain.budget import BudgetScope, CallDemand, NewBudget, Spender
from codesession.domain.money import PICO
from codesession.errors import StorageError
from codesession.proxy import budget_gate
from codesession.proxy.budget_gate import BudgetGate
from codesession.proxy.config import ProxyConfig
from codesession.proxy.server import ProxyServer
from codesession.proxy.socket import bind_socket
from codesession.proxy.upstreams import configured_upstreams
from codesession.services.budgets.advances import Advances
from codesession.services.budgets.service import BudgetService
from codesession.store.sqlite import copy_ledger
from codesession.thread_apps import ThreadApps
from support import wires
from support.batches import anthropic_line
from support.fake_provider import End, FakeProvider
from support.proxies import KnownSessions
from support.spending import app_of

MESSAGES = json.dumps(
    {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
).encode()


class Setup:
    """A proxy with budgets over a ledger with one session, number 1 (`KnownSessions` knows it by the token 1)."""

    def __init__(self, folder: Path, provider: FakeProvider) -> None:
        self.app: App = app_of(folder / "s.db")
        self.session = self.app.sessions.start("task", folder).session
        self.provider = provider
        self.problems: list[str] = []
        apps = ThreadApps(self.app)
        self.gate = BudgetGate(lambda patience_s: apps(patience_s).budgets, self.problems.append)
        upstreams = configured_upstreams({"anthropic": provider.url, "openai": provider.url, "google": provider.url})
        config = ProxyConfig(upstreams=upstreams, log=self.problems.append)
        self.writer = self.app.background_writer()
        sessions = KnownSessions(tokens={"1": self.session.id})
        self.server = ProxyServer(config, self.writer, sessions, self.gate)
        sock = bind_socket(0)
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}/s/1"
        self.server.serve_in_thread(sock)

    def budget(self, picousd: int, **changes: Any) -> None:
        """Set a budget of the session."""
        self.app.budgets.set(
            NewBudget(scope=BudgetScope.SESSION, session_id=self.session.id, limit_picousd=picousd, **changes)
        )

    def ask(self, body: bytes = MESSAGES, path: str = "/anthropic/v1/messages") -> tuple[int, dict[str, Any], Any]:
        """One call: status, decoded body, headers."""
        request = urllib.request.Request(self.url + path, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read()), error.headers

    def standing(self) -> Any:
        """The only budget, once no call is under way: calls are recorded after the client has its answer."""
        self.wait(lambda: self._now().calls_under_way == 0)
        return self._now()

    def _now(self) -> Any:
        (standing,) = self.app.budgets.standings(Spender(session_id=self.session.id))
        return standing

    def wait(self, condition: Any) -> None:
        """Until it holds."""
        end = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    with FakeProvider() as provider:
        made = Setup(tmp_path, provider)
        yield made
        made.server.stop(timeout=0.2)
        made.writer.close()
        made.app.close()


def test_a_call_within_the_budget_passes_and_settles_to_its_true_cost(setup: Setup) -> None:
    """What was set aside is given back when the ledger has the call; the cost is the provider's."""
    setup.budget(PICO)
    assert setup.ask()[0] == 200
    standing = setup.standing()
    assert (standing.reserved_picousd, standing.held_picousd) == (0, 0)
    assert 0 < standing.spent_picousd == setup.app.store.session(setup.session.id).cost_picousd  # type: ignore[union-attr]


def test_a_call_counts_for_the_moment_its_budgets_were_asked_for(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no midnight comes between the budget of a day and what is spent of it."""
    asked_ms = time.time_ns() // 1_000_000 + 5
    monkeypatch.setattr("codesession.proxy.budget_gate._now_ms", lambda: asked_ms)
    setup.budget(PICO)
    setup.ask()
    assert setup.standing().spent_picousd
    (row,) = setup.app.store.requests(setup.session.id, limit=None)
    assert row.started_at_ms == asked_ms


def test_calls_in_quick_succession_settle_to_their_true_cost(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of them find their money set aside; a moment later nothing is left of it but what was spent."""
    found: list[str | None] = []
    take = Advances.take
    monkeypatch.setattr(Advances, "take", lambda *args: found.append(take(*args)) or found[-1])
    ids = count(1)
    usage = {"input_tokens": 100, "output_tokens": 7}
    message = {"type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [], "usage": usage}
    setup.provider.respond = lambda request: [
        wires.http(
            200, (("content-type", "application/json"),), json.dumps({**message, "id": f"m{next(ids)}"}).encode()
        )
    ]
    setup.budget(100 * PICO)
    begin, calls = time.monotonic(), 0
    while time.monotonic() - begin < 0.5:
        assert setup.ask()[0] == 200
        calls += 1
    assert sum(ticket is not None for ticket in found) > calls // 2
    setup.wait(lambda: setup._now().reserved_picousd == 0)
    standing, session = setup.standing(), setup.app.store.session(setup.session.id)
    assert session is not None
    assert session.requests == calls
    assert standing.held_picousd == 0
    assert standing.spent_picousd == session.cost_picousd == calls * (100 * 3 + 7 * 15) * 1_000_000


def test_a_used_up_budget_refuses_in_the_providers_shape(setup: Setup) -> None:
    """403 with a text that says what, how much and how to go on; nothing reaches the provider."""
    setup.budget(0, name="lunch")
    status, body, headers = setup.ask()
    assert (status, headers["x-should-retry"]) == (403, "false")
    assert body["type"] == "error"
    assert body["error"]["type"] == "permission_error"
    assert "'lunch'" in body["error"]["message"]
    assert "cs budget allow" in body["error"]["message"]
    assert setup.provider.requests == []


def test_the_anthropic_sdk_does_not_try_a_refused_call_again(setup: Setup) -> None:
    """Its default retries would be five more refusals; the header ends it."""
    setup.budget(0)
    client = anthropic.Anthropic(api_key="k", base_url=setup.url + "/anthropic", max_retries=5)
    with client, pytest.raises(anthropic.PermissionDeniedError, match="used up"):
        client.messages.create(model="claude-opus-5-5", max_tokens=10, messages=[{"role": "user", "content": "hi"}])
    assert setup.server.diagnostics.counts["refused"] == 1
    assert setup.provider.requests == []


def test_the_openai_sdk_does_not_try_a_refused_call_again(setup: Setup) -> None:
    """The same in OpenAI's shape, for chat and for responses."""
    setup.budget(0)
    with openai.OpenAI(api_key="k", base_url=setup.url + "/openai/v1", max_retries=5) as client:
        with pytest.raises(openai.PermissionDeniedError, match="used up"):
            client.chat.completions.create(model="gpt-5.1", messages=[{"role": "user", "content": "hi"}])
        with pytest.raises(openai.PermissionDeniedError, match="used up"):
            client.responses.create(model="gpt-5.1", input="hi")
    assert setup.server.diagnostics.counts["refused"] == 2
    assert setup.provider.requests == []


def test_an_allowance_lets_the_next_call_through(setup: Setup) -> None:
    """From inside the stopped session, without a restart."""
    setup.budget(0)
    assert setup.ask()[0] == 403
    setup.app.budgets.allow(Spender(session_id=setup.session.id), None, extra_picousd=PICO)
    assert setup.ask()[0] == 200


def test_without_a_budget_nothing_is_written_for_the_gate(setup: Setup) -> None:
    """A budget of somebody else's session arms nothing either, if that session had ended before."""
    setup.app.sessions.start("other", setup.app.directory, parallel=True, budget_picousd=0)
    setup.app.sessions.end(setup.session.id + 1, setup.app.directory)
    time.sleep(0.01)
    gate = BudgetGate(lambda _: setup.app.budgets, print)
    assert not gate.armed()


def test_the_budget_of_a_session_holds_on_after_its_end(setup: Setup) -> None:
    """An agent may end its session by itself, and goes on calling."""
    setup.budget(0)
    setup.app.sessions.end(setup.session.id, setup.app.directory)
    time.sleep(0.1)
    assert setup.ask()[0] == 403
    assert setup.provider.requests == []


def test_a_budget_that_is_set_while_the_proxy_runs_holds_soon(setup: Setup) -> None:
    """That there is none is believed for half a second."""
    assert setup.ask()[0] == 200
    setup.budget(0)
    setup.wait(lambda: setup.ask()[0] == 403)


def test_a_call_waits_for_others_when_both_do_not_fit(setup: Setup) -> None:
    """Strict: the second is held back until the first has settled, then it goes; neither is refused."""
    setup.budget(14_000_000_000, strict=True)
    release = threading.Event()
    reply = wires.http(200, (("content-type", "application/json"),), _answer("claude-sonnet-4-5"))
    setup.provider.script(release, reply)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(setup.ask()[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    setup.wait(lambda: len(setup.provider.requests) == 1)
    time.sleep(0.3)
    assert len(setup.provider.requests) == 1
    release.set()
    for thread in threads:
        thread.join(10)
    assert answers == [200, 200]


def test_a_strict_budget_refuses_what_has_no_upper_limit(setup: Setup) -> None:
    """A tool that the provider runs itself can read the prompt again and again."""
    setup.budget(PICO, strict=True)
    body = json.loads(MESSAGES) | {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}
    status, answer, _ = setup.ask(json.dumps(body).encode())
    assert status == 403
    assert "no upper limit" in answer["error"]["message"]


SPEECH = json.dumps({"model": "gpt-4o-mini-tts", "voice": "alloy", "input": "hi"}).encode()


def test_a_call_that_tells_no_cost_counts_at_the_ceiling(setup: Setup) -> None:
    """Sounds, films and batches pass for nothing nowhere: the money stays aside until somebody knows."""
    setup.budget(PICO)
    setup.provider.script(wires.http(200, (("content-type", "application/json"),), b'{"id":"batch_1"}'))
    assert setup.ask(SPEECH, "/openai/v1/audio/speech")[0] == 200
    standing = setup.standing()
    assert (standing.spent_picousd, standing.held_picousd, standing.unpriced_requests) == (0, PICO, 1)
    status, answer, _ = setup.ask(b'{"requests":[]}', "/anthropic/v1/messages/batches")
    assert (status, answer["type"]) == (403, "error")


def test_what_was_set_aside_for_a_batch_is_free_when_its_results_tell(setup: Setup) -> None:
    """Its requests are spent instead, and asking for them needs no budget."""
    setup.budget(PICO)
    setup.provider.script(wires.http(200, (), b'{"id":"msgbatch_1"}'))
    assert setup.ask(b'{"requests":[]}', "/anthropic/v1/messages/batches")[0] == 200
    assert setup.standing().held_picousd == PICO
    setup.provider.script(wires.http(200, (), anthropic_line(1)))
    request = f"{setup.url}/anthropic/v1/messages/batches/msgbatch_1/results"
    with urllib.request.urlopen(request, timeout=20) as results:
        assert results.read() == anthropic_line(1)
    setup.wait(lambda: setup.standing().held_picousd == 0)
    standing = setup.standing()
    assert (standing.spent_picousd, standing.unpriced_requests) == (1_500_000_000, 0)


def test_pictures_settle_to_what_they_cost_at_least(setup: Setup) -> None:
    """Their answer counts tokens."""
    setup.budget(PICO)
    assert setup.ask(b'{"model":"gpt-image-1","prompt":"a cat"}', "/openai/v1/images/generations")[0] == 200
    standing = setup.standing()
    assert (standing.spent_picousd, standing.lower_bound_requests) == (166_650_000_000, 1)
    assert standing.held_picousd == 0


def test_a_strict_budget_refuses_a_call_that_tells_no_cost(setup: Setup) -> None:
    """In words that name the reason; nothing reaches the provider."""
    setup.budget(5 * PICO, strict=True)
    status, answer, _ = setup.ask(SPEECH, "/openai/v1/audio/speech")
    assert status == 403
    assert "nothing limits what it may cost" in answer["error"]["message"]
    assert setup.provider.requests == []


def test_a_strict_budget_refuses_what_nobody_knows_and_any_other_lets_it_pass(setup: Setup) -> None:
    """It may be free, so it holds no money, is no call and ends no run; what is known to be free passes always."""
    ended: list[int | None] = []
    setup.gate.on_refusal = ended.append
    setup.provider.respond = lambda _: [wires.http(200, (("content-type", "application/json"),), b"{}")]
    setup.budget(PICO)
    assert setup.ask(b"{}", "/openai/v1/thoughts")[0] == 200
    assert setup.standing().reserved_picousd == 0
    setup.budget(PICO, strict=True)
    setup.wait(lambda: setup.gate.armed() and setup.gate._strict)
    status, answer, _ = setup.ask(b"{}", "/openai/v1/thoughts")
    assert status == 403
    assert "whether a request to this address costs anything" in answer["error"]["message"]
    assert setup.ask(b"{}", "/anthropic/v1/messages/count_tokens")[0] == 200
    assert (len(setup.provider.requests), ended) == (2, [])
    assert setup.app.sessions.detail(setup.session.id).session.requests == 0


def test_a_model_without_a_price_counts_at_the_ceiling(setup: Setup) -> None:
    """It is set aside before the call and stays aside after it, because nobody knows what it cost."""
    setup.budget(3 * PICO // 2)
    body = json.dumps({"model": "nobody-knows-7", "max_tokens": 5, "messages": []}).encode()
    setup.provider.script(wires.http(200, (("content-type", "application/json"),), _answer("nobody-knows-7")))
    assert setup.ask(body)[0] == 200
    standing = setup.standing()
    assert (standing.spent_picousd, standing.held_picousd, standing.calls_held) == (0, PICO, 1)
    assert setup.ask(body)[0] == 200
    assert setup.standing().held_picousd == 2 * PICO
    assert setup.ask(body)[0] == 403


def test_an_upstream_that_cannot_be_reached_costs_nothing(setup: Setup) -> None:
    """What was set aside for the call is free again."""
    setup.budget(PICO)
    setup.provider.__exit__()
    assert setup.ask()[0] == 502
    assert setup.standing().remaining_picousd == PICO


def test_an_upstream_that_never_answers_may_have_billed(setup: Setup) -> None:
    """It had the whole call when it hung up: what was set aside counts as spent, and nobody waits for it."""
    setup.budget(PICO)
    setup.provider.script(End.CLOSE)
    assert setup.ask()[0] == 502
    standing = setup.standing()
    assert standing.reserved_picousd == 0
    assert standing.calls_held == 1
    assert standing.held_picousd > 0


@pytest.mark.parametrize("strict", [False, True])
def test_an_interrupted_call_holds_what_it_can_have_cost_by_then(setup: Setup, strict: bool) -> None:
    """An OpenAI stream tells its usage at its end; a whole answer of the model's would stop the budget for nothing."""
    setup.budget(100 * PICO, strict=strict)
    call = {"model": "gpt-5.1", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    setup.provider.script(*wires.stream(wires.chat_events({})[:2])[:-1], threading.Event())
    with (
        openai.OpenAI(base_url=f"{setup.url}/openai/v1", api_key="k", max_retries=0) as client,
        client.chat.completions.create(**call) as stream,
    ):
        next(iter(stream))
        whole = setup._now().reserved_picousd
    assert setup.provider.hung_up.wait(5)
    assert setup.standing().calls_held == 1
    if not strict:
        setup.wait(lambda: setup.standing().held_picousd < whole)
    held = setup.standing().held_picousd
    assert (held == whole) is strict
    assert held > 0
    asked = CallDemand(provider_name="openai", api="openai.chat", model="gpt-5.1", input_tokens=1, output_tokens=6_000)
    assert strict or held >= setup.app.budgets.estimate(asked, int(time.time() * 1000)).picousd


def test_what_is_set_aside_stays_so_while_its_process_lives(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model may think longer than a lease."""
    monkeypatch.setattr(budget_gate, "LEASE_MS", 60)
    renewed: list[object] = []
    monkeypatch.setattr(BudgetService, "renew", lambda self, tickets, at_ms: renewed.append(tickets))
    setup.budget(PICO)
    release = threading.Event()
    reply = wires.http(200, (("content-type", "application/json"),), _answer("claude-sonnet-4-5"))
    setup.provider.script(release, reply)
    asking = threading.Thread(target=setup.ask)
    asking.start()
    setup.wait(lambda: renewed)
    release.set()
    asking.join(10)


@pytest.mark.parametrize("error", [StorageError("cannot use the ledger: disk I/O error"), KeyError("a fault")])
def test_a_strict_budget_that_cannot_be_checked_stops(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Any other lets the call pass: capture fails open. No run ends for what may not even be a call."""
    ended: list[int | None] = []
    setup.gate.on_refusal = ended.append

    def broken(*_: object, **__: object) -> None:
        raise error

    setup.budget(PICO)
    monkeypatch.setattr(BudgetService, "request", broken)
    assert setup.ask()[0] == 200
    setup.budget(PICO, strict=True)
    time.sleep(0.1)
    for body, path, ends in ((b"{}", "/openai/v1/thoughts", []), (MESSAGES, "/anthropic/v1/messages", [None])):
        status, answer, _ = setup.ask(body, path)
        assert status == 403
        assert "cannot be checked" in answer["error"]["message"]
        assert ended == ends


def test_a_fault_in_the_first_look_fails_no_call(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it disarm a budget."""

    def broken(*_: object) -> None:
        raise KeyError("a fault")

    setup.budget(0)
    monkeypatch.setattr(BudgetService, "armed", broken)
    assert setup.ask()[0] == 403
    assert setup.problems == ["budgets cannot be read: KeyError"]


def test_a_ledger_that_was_replaced_is_the_one_that_is_asked(setup: Setup, tmp_path: Path) -> None:
    """A restored backup, say, a moment later: what is open still would answer as the old one was, for ever."""
    setup.budget(0)
    assert setup.ask()[0] == 403
    setup.app.close()
    copy = tmp_path / "copy.db"
    copy_ledger(tmp_path / "s.db", copy)
    other = app_of(copy)
    other.budgets.allow(Spender(session_id=setup.session.id), None, extra_picousd=PICO)
    other.close()
    for ending in ("-wal", "-shm"):
        (tmp_path / f"s.db{ending}").unlink(missing_ok=True)
    copy.replace(tmp_path / "s.db")
    setup.wait(lambda: setup.ask()[0] == 200)
    setup.app = app_of(tmp_path / "s.db")
    setup.wait(lambda: setup._now().spent_picousd > 0)


@pytest.mark.parametrize("strict", [False, True])
def test_a_ledger_that_is_gone_is_no_empty_one(setup: Setup, tmp_path: Path, strict: bool) -> None:
    """A strict budget stops what cannot be checked, any other does not; nobody makes a new ledger."""
    setup.budget(0 if strict else PICO, strict=strict)
    setup.ask()
    setup.standing()
    setup.app.close()
    for path in tmp_path.glob("s.db*"):
        path.unlink()
    for _ in range(3):
        time.sleep(0.06)
        assert setup.ask()[0] == (403 if strict else 200)
    assert not (tmp_path / "s.db").exists()
    assert len([problem for problem in setup.problems if "cannot be read" in problem]) == 1


def test_a_ledger_that_is_busy_from_the_start_disarms_no_budget(setup: Setup, tmp_path: Path) -> None:
    """The first look has no patience; the second has."""
    setup.budget(0)
    setup.app.close()
    other = sqlite3.connect(tmp_path / "s.db", check_same_thread=False)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("UPDATE budgets SET name = name")
    threading.Timer(0.3, other.close).start()
    assert setup.ask()[0] == 403
    setup.app = app_of(tmp_path / "s.db")


def test_the_first_refusal_is_told_once(setup: Setup) -> None:
    """`cs run --on-budget kill` ends its command then; whose budget it was says which run's."""
    told: list[int | None] = []
    setup.gate.on_refusal = told.append
    setup.budget(0)
    for _ in range(3):
        setup.ask()
    assert told == [setup.session.id]
    assert setup.gate.refused is not None


def _answer(model: str) -> bytes:
    return json.dumps({**wires.anthropic_body(), "id": f"msg_{time.monotonic_ns()}", "model": model}).encode()
