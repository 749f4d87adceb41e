"""
The proxy as `cs run` and `cs proxy` use it: which session a call belongs to, what the command's environment says,
and what could not be recorded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from codesession.cli.output import count, say, warn
from codesession.cli.refusals import VARIABLE, Refusals
from codesession.errors import InvalidInputError, reason
from codesession.settings import UPSTREAM_VARIABLE
from codesession.thread_apps import ThreadApps

if TYPE_CHECKING:
    import socket

    from codesession.app import App
    from codesession.cli.alert_watch import AlertWatch
    from codesession.domain.session import Session
    from codesession.proxy.budget_gate import BudgetGate
    from codesession.proxy.server import ProxyServer
    from codesession.proxy.sessions import ActiveSession

ENDPOINTS: tuple[tuple[str, str, str], ...] = (
    ("ANTHROPIC_BASE_URL", "anthropic", ""),
    ("ANTHROPIC_HOST", "anthropic", ""),
    ("OPENAI_BASE_URL", "openai", "/v1"),
    ("OPENAI_API_BASE", "openai", "/v1"),
    ("OPENAI_HOST", "openai", ""),
    ("GOOGLE_GEMINI_BASE_URL", "google", ""),
    ("CODE_ASSIST_ENDPOINT", "google-code-assist", ""),
    ("KIMI_BASE_URL", "moonshot", "/v1"),
    ("GROQ_BASE_URL", "groq", ""),
)
"""(variable, provider, what its value ends with): what SDKs and agents read their endpoint from."""

_LOOK_S = 0.2
"""How long looking for a session may wait for the ledger: other calls wait with it."""
_SUM_S = 2.0
"""How long a scrape of metrics may wait for the ledger."""
_FRESH_S = 1.0
"""How long an answer about the active sessions is believed."""


def adopted_upstreams(settings: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """
    Base URLs of providers, where they are not the provider's own.

    Settings win. A base URL that the user's environment already names (a company gateway) is kept as the place
    the proxy forwards to: putting ourselves in between must not change where calls go.
    """
    found: dict[str, str] = {}
    for variable, provider, _ in ENDPOINTS:
        value = environment.get(variable, "").rstrip("/")
        if value.startswith(("http://", "https://")) and provider not in found:
            found[provider] = value
    return {**found, **settings}


def upstreams_of(app: App) -> dict[str, str]:
    """
    `adopted_upstreams` of this user, each known to be a URL that can be forwarded to.

    Asked for before a session is begun and a command started: afterwards a bad one would hurt both.
    """
    from codesession.proxy.behind import past_ours
    from codesession.proxy.upstreams import configured_upstreams

    found = adopted_upstreams(app.settings.upstreams, app.environment)
    configured_upstreams(found)
    return {**found, **past_ours({name: found[name] for name in found.keys() - app.settings.upstreams.keys()})}


def _leaving_loopback_alone(environment: Mapping[str, str]) -> dict[str, str]:
    """
    What keeps a company's proxy out of the way to ours.

    Alone, without a proxy in the environment, NO_PROXY would hide the system's own settings from Python; a `*` among
    other names means nothing.
    """
    hosts = environment.get("NO_PROXY") or environment.get("no_proxy")
    proxied = any(environment.get(name) or environment.get(name.lower()) for name in ("HTTP_PROXY", "ALL_PROXY"))
    if not (hosts or proxied) or (hosts and (hosts.strip() == "*" or "127.0.0.1" in hosts)):
        return {}
    return dict.fromkeys(("NO_PROXY", "no_proxy"), f"{hosts},127.0.0.1" if hosts else "127.0.0.1")


class LedgerSessions:
    """Who a call belongs to, from the ledger, with a connection of the server's thread."""

    def __init__(self, apps: ThreadApps, own: Session | None) -> None:
        self._apps = apps
        self._own = own
        self._known: dict[str, int | None] = {}
        self._active: tuple[float, list[Session]] = (0.0, [])

    def resolve_session(self, token: str) -> int | None:
        """The session that `/s/<token>/…` names."""
        if self._own is not None and token == str(self._own.id):
            return self._own.id
        if token not in self._known and token.isascii() and token.isdigit() and len(token) < 19:
            session = self._apps(_LOOK_S).store.session(int(token))
            if session is None:
                return None
            self._known[token] = session.id
        return self._known.get(token)

    def default_session(self) -> int | None:
        """The session a call without a name belongs to: this server's own, else the only active one."""
        session = self._current()
        return None if session is None else session.id

    def active_session(self) -> ActiveSession | None:
        """What `/health` shows."""
        from codesession.proxy.sessions import ActiveSession

        session = self._current()
        return None if session is None else ActiveSession(id=session.id, name=session.name)

    def _current(self) -> Session | None:
        if self._own is not None:
            return self._own
        read_at, active = self._active
        if time.monotonic() - read_at > _FRESH_S:
            active = self._apps(_LOOK_S).store.active_sessions()
            self._active = (time.monotonic(), active)
        return active[0] if len(active) == 1 else None


def _warn_of_zone(app: App) -> None:
    """Say it where nobody knows the zone that `TZ` names: budgets hold all the same."""
    if app.environment.get("TZ"):
        try:
            app.zone  # noqa: B018  # read now
        except InvalidInputError as error:
            warn(f"{error.message}: budgets cut their days in UTC")


class Listener:
    """A proxy on a bound socket that records into the ledger."""

    def __init__(
        self,
        app: App,
        sock: socket.socket,
        session: Session | None,
        upstreams: Mapping[str, str],
        *,
        strict: bool = False,
        kills: bool = False,
    ) -> None:
        _warn_of_zone(app)
        self._app = app
        self._strict = strict
        self._sock = sock
        self._session = session
        self._upstreams = upstreams
        self._writer = app.background_writer()
        self._failures: list[str] = []
        self._alerts: list[str] = []
        self._alert_watch: AlertWatch | None = None
        self._server: ProxyServer | None = None
        self._gate: BudgetGate | None = None
        self._kills = kills
        self._refusals = Refusals(session.id if session else 0, app.environment, self._refused)
        self.on_refusal: Callable[[], None] | None = None
        """Called once, from another thread, when a budget has refused a call: here, or one of this run further in."""
        self._ends_command = False
        self.port: int = sock.getsockname()[1]

    def environment(self) -> dict[str, str]:
        """
        Variables for the command: its providers' endpoints at a path that names the session.

        The real endpoints go along, so that a `cs run` inside this one forwards there and not to us.
        """
        prefix = f"http://127.0.0.1:{self.port}" + (f"/s/{self._session.id}" if self._session else "/p")
        values = {variable: f"{prefix}/{provider}{ending}" for variable, provider, ending in ENDPOINTS}
        values |= {
            UPSTREAM_VARIABLE + provider.upper().replace("-", "_"): self._real_endpoint(provider)
            for provider in dict.fromkeys(provider for _, provider, _ in ENDPOINTS)
        }
        if self._kills:
            values[VARIABLE] = self._refusals.address(self.port)
        return values | _leaving_loopback_alone(os.environ)

    def _real_endpoint(self, provider: str) -> str:
        from codesession.proxy.upstreams import default_upstreams

        own = default_upstreams()[provider]
        return self._upstreams.get(provider, own.origin + own.base_path)

    def start(self) -> None:
        """
        Serve in a background thread; connections that came before wait in the backlog.

        Raises nothing: the command runs already. Without a server its calls are refused, not left waiting.
        """
        try:
            if self._session is not None:  # else the ledger cannot be used, which was said
                self._watch_alerts(self._alerts.append)  # the terminal is the command's: they are told at the end
            self._server = self._made_server()
            self._server.serve_in_thread(self._sock)
        except Exception as error:  # whatever it is, the command's end and exit status must still be seen to
            self._failures.append(f"model calls are not let through: the proxy did not start: {reason(error)}")
            self._sock.close()

    def serve_forever(self) -> None:
        """Serve in this thread until a signal."""
        self._watch_alerts(say)
        self._server = self._made_server()
        self._server.serve_forever(self._sock)

    def stop(self) -> None:
        """Finish what is under way and write it down."""
        if self._server is not None:
            self._server.stop()
        self._writer.close()
        if self._alert_watch is not None:
            self._alert_watch.stop()

    def _refused(self) -> None:
        if self.on_refusal is not None:
            self._ends_command = True
            self.on_refusal()

    @property
    def refused(self) -> int:
        """How many calls budgets refused."""
        return 0 if self._server is None else self._server.diagnostics.counts["refused"]

    def report(self) -> None:
        """Say what could not be recorded, and what went wrong on the way."""
        for failure in self._failures:
            warn(failure)
        for alert in self._alerts:
            say(f"alert: {alert}")
        if self._alert_watch is not None and self._alert_watch.problem:
            warn(f"alerts: {self._alert_watch.problem}")
        if self._gate is not None and self._gate.refused:
            from codesession.domain.budget import TO_GO_ON

            said = self._gate.refused.removesuffix(TO_GO_ON)  # what is over cannot go on
            say(f"{count(self.refused, 'model call')} refused: {said}")
        if self._ends_command:
            say("the command was ended at its budget, as --on-budget kill says")
        self._report_unrecorded()

    def _report_unrecorded(self) -> None:
        writer = self._writer
        reason = writer.problem or "the ledger did not answer in time"
        if writer.spooled:
            warn(f"{count(writer.spooled, 'model call')} could not be recorded yet: {reason}")
            say("hint: kept beside the ledger and recorded by the next `cs` command that can; see `cs doctor`")
        if writer.missing:
            warn(f"{count(writer.missing, 'model call')} could not be recorded: {reason}")
        if writer.notice:
            warn(writer.notice)

    def _made_server(self) -> ProxyServer:
        from codesession.proxy.config import ProxyConfig
        from codesession.proxy.server import ProxyServer
        from codesession.proxy.upstreams import configured_upstreams

        config = ProxyConfig(
            upstreams=configured_upstreams(self._upstreams),
            inject_usage=self._app.settings.inject_usage,
            system_proxies=True,
            ledger_is_far=self._app.settings.ledger_url is not None,
            metrics=self._sums if self._app.settings.serve_metrics else None,
            told=self._refusals.told if self._kills else None,
            log=self._failures.append,
        )
        self._gate = self._made_gate()
        return ProxyServer(config, self._writer, LedgerSessions(ThreadApps(self._app), self._session), self._gate)

    def _sums(self) -> str:
        """For a scrape, which comes in a thread of its own."""
        app = self._app.for_thread(patience_s=_SUM_S)
        try:
            return app.metrics.text()
        finally:
            app.close()

    def _made_gate(self) -> BudgetGate:
        from codesession.proxy.budget_gate import BudgetGate

        apps = ThreadApps(self._app)
        gate = BudgetGate(
            lambda patience_s: apps(patience_s).budgets,
            self._failures.append,
            far=self._app.settings.ledger_url is not None,
            strict=self._strict,
            since_ms=None if self._session is None else self._session.started_at_ms,
        )
        gate.on_refusal = self._refusals.refused
        return gate

    def _watch_alerts(self, say: Callable[[str], None]) -> None:
        from codesession.cli.alert_watch import AlertWatch

        self._alert_watch = AlertWatch(self._app, say)
        self._alert_watch.start()
