"""
What a run around this one is told: that a budget of its own refused a call in here.

Each run has a proxy of its own, so the one around would not notice, and `--on-budget kill` is to end its command.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from codesession.proxy.route import REFUSED

VARIABLE = "CODESESSION_REFUSALS"
"""Where the nearest run around with `--on-budget kill` is told; the address holds a secret."""
_PATIENCE_S = 0.5


class Refusals:
    """Those of one run's session (0: of none). `end` ends its command, and is called once at most."""

    def __init__(self, session_id: int, environment: Mapping[str, str], end: Callable[[], None]) -> None:
        self._session_id = session_id
        self._around = environment.get(VARIABLE, "")
        self._secret = os.urandom(16).hex()
        self._end = end
        self._ended = False

    def address(self, port: int) -> str:
        """Where runs inside this one tell it."""
        return f"http://127.0.0.1:{port}{REFUSED}{self._secret}"

    def refused(self, session_id: int | None) -> None:
        """A budget refused a call of this run: of that session, or of no single one."""
        if not self._ended:
            self._ended = True
            self._end()
        if self._around and session_id is not None and session_id < self._session_id:
            threading.Thread(target=_tell, args=(self._around, session_id), name="codesession-tell").start()

    def told(self, word: str) -> None:
        """A run inside tells the secret and the session of the budget; those around this one were begun before it."""
        secret, _, session_id = word.partition("/")
        if secret == self._secret and session_id.isdecimal() and int(session_id) <= self._session_id:
            self.refused(int(session_id))


def _tell(address: str, session_id: int) -> None:
    from http.client import HTTPConnection, HTTPException  # seldom is anybody told

    url = urlsplit(address)
    try:
        connection = HTTPConnection(url.netloc, timeout=_PATIENCE_S)
        connection.request("POST", f"{url.path}/{session_id}")
        connection.getresponse().read()
        connection.close()
    except (OSError, HTTPException):  # that run has ended
        return
