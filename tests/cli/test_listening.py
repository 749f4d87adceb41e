"""The proxy as `cs run` and `cs proxy` use it: endpoints, sessions, and what could not be recorded."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.app import App
from codesession.cli.listening import ENDPOINTS, LedgerSessions, Listener, adopted_upstreams, upstreams_of
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import InvalidInputError
from codesession.thread_apps import ThreadApps
from support.ledger import make_session


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    made = App(environment={"HOME": str(home)})
    yield made
    made.close()


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_a_gateway_in_the_environment_is_where_calls_go_on_to() -> None:
    """Putting ourselves in between must not change where a company's calls end up."""
    found = adopted_upstreams(
        {}, {"ANTHROPIC_BASE_URL": "https://gw.example/a/", "OPENAI_BASE_URL": "https://gw.example/v1"}
    )
    assert found == {"anthropic": "https://gw.example/a", "openai": "https://gw.example/v1"}


def test_settings_win_over_the_environment() -> None:
    """They were made for us."""
    assert adopted_upstreams({"openai": "https://b"}, {"OPENAI_BASE_URL": "https://a/v1"}) == {"openai": "https://b"}


@pytest.mark.parametrize("value", ["", "unset", "ftp://x", "/path"])
def test_what_is_no_url_in_the_environment_is_left_alone(value: str) -> None:
    """The provider's own endpoint is meant."""
    assert adopted_upstreams({}, {"OPENAI_BASE_URL": value}) == {}


@pytest.mark.parametrize(
    "bad", ["garbage", "http://", "https://user:secret@gw.example", "https://gw.example/?key=secret"]
)
def test_an_endpoint_that_cannot_be_forwarded_to_is_refused_before_anything_begins(home: Path, bad: str) -> None:
    """And nothing of it, which may be a secret, is in the message."""
    with pytest.raises(InvalidInputError) as caught:
        upstreams_of(App(environment={"HOME": str(home), "CODESESSION_UPSTREAM_ANTHROPIC": bad}))
    assert "anthropic" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_proxy_of_ours_behind_this_one_does_not_count_again(app: App, home: Path, sock: socket.socket) -> None:
    """Its exports are in many a shell. What is somebody else's stays as it is."""
    listener = Listener(app, sock, None, {})
    listener.start()
    ours, other = f"http://127.0.0.1:{listener.port}", "http://127.0.0.1:9/v1"
    environment = {
        "HOME": str(home),
        "ANTHROPIC_BASE_URL": ours,
        "OPENAI_BASE_URL": f"{ours}/v1",
        "KIMI_BASE_URL": other,
    }
    try:
        found = upstreams_of(App(environment=environment))
    finally:
        listener.stop()
    assert found == {"anthropic": f"{ours}/seen", "openai": f"{ours}/seen/v1", "moonshot": other}


def test_every_endpoint_names_the_session_and_its_provider(app: App, sock: socket.socket) -> None:
    """So two runs at once never mix; the real endpoints go along for a run inside the run."""
    session = app.store.create_session(make_session(), exclusive=True)
    assert session is not None
    values = Listener(app, sock, session, {"openai": "https://gw.example"}).environment()
    for variable, provider, ending in ENDPOINTS:
        assert values[variable] == f"http://127.0.0.1:{sock.getsockname()[1]}/s/{session.id}/{provider}{ending}"
    assert values["CODESESSION_UPSTREAM_OPENAI"] == "https://gw.example"
    assert values["CODESESSION_UPSTREAM_ANTHROPIC"] == "https://api.anthropic.com"
    inside = upstreams_of(App(environment={**app.environment, **values}))
    assert set(inside) == {provider for _, provider, _ in ENDPOINTS}
    assert not [url for url in inside.values() if "127.0.0.1" in url]


def test_without_a_session_calls_are_let_through_unnamed(app: App, sock: socket.socket) -> None:
    """The ledger may be broken: the command still works, its calls are unattributed."""
    assert "/p/anthropic" in Listener(app, sock, None, {}).environment()["ANTHROPIC_BASE_URL"]


def test_a_company_proxy_is_told_to_leave_loopback_alone(
    app: App, sock: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NO_PROXY of the user is added to, never replaced."""
    listener = Listener(app, sock, None, {})
    monkeypatch.setenv("NO_PROXY", "internal.example")
    assert listener.environment()["NO_PROXY"] == "internal.example,127.0.0.1"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert "NO_PROXY" not in listener.environment()


def test_a_name_in_the_path_is_looked_up_in_the_ledger(app: App) -> None:
    """Numbers of no session, and anything that is no number, belong to nobody."""
    session = app.store.create_session(make_session(), exclusive=True)
    assert session is not None
    sessions = LedgerSessions(ThreadApps(app), None)
    assert sessions.resolve_session(str(session.id)) == session.id
    for token in ("999", "abc", "-1", "", "1" * 5_000, "٣", "1.0", "../1"):
        assert sessions.resolve_session(token) is None


def test_a_call_without_a_name_goes_to_the_only_active_session(app: App) -> None:
    """Several: to none; this server's own: always to that."""
    first = app.store.create_session(make_session("/a"), exclusive=True)
    assert first is not None
    assert LedgerSessions(ThreadApps(app), None).default_session() == first.id
    second = app.store.create_session(make_session("/b"), exclusive=True)
    assert LedgerSessions(ThreadApps(app), None).default_session() is None
    own = LedgerSessions(ThreadApps(app), second)
    assert own.default_session() == own.resolve_session(str(own.default_session()))
    shown = own.active_session()
    assert shown is not None
    assert shown.name == "task"


def test_what_could_not_be_recorded_is_said(
    home: Path, sock: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many calls and why; nothing when nothing was lost."""
    (home / "ledger").mkdir()
    app = App(environment={"HOME": str(home), "CODESESSION_DB_PATH": str(home / "ledger")})
    listener = Listener(app, sock, None, {})
    listener.report()
    assert capsys.readouterr().err == ""
    response = ModelResponse(provider_name="x", api="y", response_id="1")
    listener._writer.submit(Observation(response=response, context=CallContext(source=Source.PROXY, started_at_ms=0)))
    listener._writer.close()
    listener.report()
    said = capsys.readouterr().err
    assert "1 model call could not be recorded" in said
    assert "ledger" in said


def test_a_proxy_that_cannot_start_is_said_and_raises_nothing(
    app: App, sock: socket.socket, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command runs already: its end and exit status must still be seen to; its calls are refused, not stuck."""
    listener = Listener(app, sock, None, {"anthropic": "not a url"})
    listener.start()
    listener.report()
    assert "did not start" in capsys.readouterr().err
    assert sock.fileno() == -1
