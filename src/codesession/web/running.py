"""
The note a running dashboard leaves, so that a second start finds and reuses it.

It holds the token, so it is readable by its owner only; it is believed only when the server it names answers and says
the same instance, because a process that was killed leaves its note behind.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from codesession import __version__
from codesession.services.files import write_whole

_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A dashboard that serves a ledger."""

    host: str
    port: int
    pid: int
    token: str
    instance: str
    version: str = __version__

    @property
    def url(self) -> str:
        """Where it is, without a token."""
        return f"http://{self._name}:{self.port}"

    @property
    def _name(self) -> str:
        """What to connect to: everywhere is also here."""
        if self.host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared with, not bound to
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    def first_url(self, code: str) -> str:
        """The URL that a browser is given once."""
        return f"{self.url}/?token={code}"

    def answers(self) -> bool:
        """Whether the server is there and is the one that left the note."""
        try:
            return bool(self._ask("GET", "/api/v1/health").get("instance") == self.instance)
        except (OSError, ValueError, http.client.HTTPException):
            return False  # nobody there, or somebody else

    def new_code(self) -> str:
        """A one-time code for a browser, from the running server; raises `OSError` when it does not answer."""
        return str(self._ask("POST", "/api/v1/launch").get("code"))

    def _ask(self, method: str, path: str) -> dict[str, object]:
        connection = http.client.HTTPConnection(self._name.strip("[]"), self.port, timeout=_TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, path, headers=headers)
            answer = json.loads(connection.getresponse().read(100_000))
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}


class Note:
    """The note of the dashboard of one ledger."""

    def __init__(self, home: Path, ledger: Path) -> None:
        name = hashlib.sha256(str(ledger.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        self._path = home / f"dashboard-{name}.json"

    def find(self) -> Running | None:
        """A dashboard of this version that serves this ledger now."""
        try:
            found = Running(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None  # no note, or one of another version: a new server is started
        return found if found.version == __version__ and found.answers() else None

    def leave(self, running: Running) -> None:
        """Say where we are."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._path, json.dumps(asdict(running)))

    def remove(self, instance: str) -> None:
        """Take the note away, unless it is another one's by now."""
        try:
            if json.loads(self._path.read_text("utf-8")).get("instance") == instance:
                self._path.unlink()
        except (OSError, ValueError):
            return  # it is gone already
