"""A running proxy as a test sees it: where it listens, whom it knows, what it recorded."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from codesession.domain.request import Observation
from codesession.proxy.server import ProxyServer
from codesession.proxy.sessions import ActiveSession


class ListRecorder:
    """Keeps observations, and lets a test wait for them: they come after the client has its answer."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self._more = threading.Condition()

    def submit(self, observation: Observation) -> None:
        """Keep it."""
        with self._more:
            self.seen.append(observation)
            self._more.notify_all()

    @property
    def waiting(self) -> int:
        """Nothing: they are kept at once."""
        return 0

    def wait(self, count: int = 1, timeout: float = 5) -> list[Observation]:
        """The observations, once there are `count` of them."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.seen) >= count, timeout), f"{len(self.seen)} recorded"
            return list(self.seen)

    def one(self) -> Observation:
        """The only observation."""
        (only,) = self.wait()
        return only

    def none(self) -> bool:
        """Nothing was recorded, nor is it about to be."""
        time.sleep(0.05)
        return not self.seen


@dataclass
class KnownSessions:
    """Sessions 7 and 8 by token; one that is active, or none."""

    tokens: dict[str, int] = field(default_factory=lambda: {"7": 7, "tok-8": 8})
    active: ActiveSession | None = None

    def resolve_session(self, token: str) -> int | None:
        """By token."""
        return self.tokens.get(token)

    def default_session(self) -> int | None:
        """The active one."""
        return self.active.id if self.active else None

    def active_session(self) -> ActiveSession | None:
        """The active one."""
        return self.active


@dataclass
class RunningProxy:
    """A proxy that serves, and what it recorded."""

    server: ProxyServer
    port: int
    recorder: ListRecorder
    sessions: KnownSessions
    log: list[str]

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request: status, headers (lower-case names) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            received = response.read()
        finally:
            connection.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, received


StartProxy = Callable[..., RunningProxy]
"""Starts a proxy; keywords go into its config."""
