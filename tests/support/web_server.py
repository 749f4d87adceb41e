"""A running dashboard over a real ledger, and clients of every kind: scripts, its own page, foreign pages."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from codesession.app import App
from codesession.web.access import Access
from codesession.web.server import DashboardServer
from codesession.web.socket import bind


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of the error envelope."""
        code: str = self.json["error"]["code"]
        return code


class Dashboard:
    """One server in a thread, on a free port of loopback."""

    def __init__(self, home: Path, *, static: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.app = App({"HOME": str(home), "TZ": "UTC", **(environment or {})}, home)
        self._sock = bind("127.0.0.1", 0)
        self.port = int(self._sock.getsockname()[1])
        self.access = Access(port=self.port)
        self._server = DashboardServer(self.app, self.access, static=static)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(self._sock,), daemon=True)

    def __enter__(self) -> Dashboard:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()
        self._thread.join(10)
        self._sock.close()
        self.app.close()
        assert not self._thread.is_alive()

    def raw(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """A request with exactly these headers beside `Host`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            got = connection.getresponse()
            return Reply(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    def ask(self, method: str, path: str, value: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """As a script with the token asks."""
        body = None if value is None else json.dumps(value).encode()
        own = {"Authorization": f"Bearer {self.access.token}", "Content-Type": "application/json"}
        return self.raw(method, path, body, {**own, **(headers or {})})

    def get(self, path: str) -> Any:
        """The JSON of an answer that must be there."""
        reply = self.ask("GET", path)
        assert reply.status == 200, reply
        return reply.json

    @property
    def cookie(self) -> str:
        """The cookie of a browser that came in by the first URL."""
        reply = self.raw("GET", f"/?token={self.access.token}")
        return reply.headers["set-cookie"].partition(";")[0]
