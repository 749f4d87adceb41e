"""
Who may use a dashboard: the token of this start, the cookie a browser gets for it, and the names it answers to.

The token opens the door once: in the first URL, in a login, or as `Authorization: Bearer` of a script. A browser then
holds a cookie with another secret, which no script can read and no foreign page can make it send.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import TYPE_CHECKING

from codesession.web.problems import TooManyTriesError, UnauthorizedError

if TYPE_CHECKING:
    from starlette.responses import Response

API_VERSION = 1

_TRIES = 20
_TRIES_WINDOW_S = 60.0
_CODE_S = 60.0
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Access:
    """The secrets and the names of one start of the server."""

    def __init__(self, *, port: int, token: str | None = None, remote_names: frozenset[str] | None = None) -> None:
        """`remote_names`: None on loopback; else the host names (beside addresses) it is known under elsewhere."""
        self.token = token or secrets.token_urlsafe(32)
        self._chosen = token is not None
        self.instance = secrets.token_hex(8)
        self._secret = secrets.token_urlsafe(32)
        self._cookie = f"codesession_{port}"
        self._hosts = frozenset(_loopback_hosts(port))
        self._remote_names = remote_names
        self._codes: dict[str, float] = {}
        self._failures: deque[float] = deque(maxlen=_TRIES)

    def knows_host(self, host: str) -> bool:
        """Whether a `Host` header is one of ours: no name that somebody else could point at this machine."""
        host = host.lower()
        if host in self._hosts:
            return True
        return self._remote_names is not None and self._is_remote_name(host)

    def _is_remote_name(self, host: str) -> bool:
        """A name on the list, or a bare address: an address cannot be rebound."""
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name in _LOOPBACK_NAMES or name in (self._remote_names or ()):
            return True
        try:
            ip_address(name.strip("[]"))
        except ValueError:  # a name that is not on the list
            return False
        return True

    def check_token(self, given: str) -> None:
        """
        Raises unless `given` is the token.

        After many wrong ones a token that somebody chose, and that may be guessed, is not let through for a while
        either. Nobody guesses a random one, so trying cannot keep its owner out.
        """
        now = time.monotonic()
        exhausted = len(self._failures) == _TRIES and now - self._failures[0] < _TRIES_WINDOW_S
        right = secrets.compare_digest(given.encode(), self.token.encode())
        if exhausted and not (right and not self._chosen):
            raise TooManyTriesError
        if not right:
            self._failures.append(now)
            raise UnauthorizedError

    def new_code(self) -> str:
        """
        A code that stands for the token once, within a minute.

        The command line that starts a browser can be read by everybody on this machine; what is written there must
        be worth nothing soon after.
        """
        now = time.monotonic()
        self._codes = {code: until for code, until in self._codes.items() if until > now}
        code = secrets.token_urlsafe(24)
        self._codes[code] = now + _CODE_S
        return code

    def check_first(self, given: str) -> None:
        """Raises unless `given`, from a first URL, is a code that is still good, or the token."""
        until = self._codes.pop(given, None)
        if until is None or until < time.monotonic():
            self.check_token(given)

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the cookie or the token."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self.check_token(token.strip())
            return True
        return self._has_cookie(headers.get("cookie", ""))

    def _has_cookie(self, header: str) -> bool:
        try:
            found = SimpleCookie(header).get(self._cookie)
        except CookieError:  # no cookie of ours looks like that
            return False
        return found is not None and secrets.compare_digest(found.value.encode(), self._secret.encode())

    def set_cookie(self, response: Response) -> None:
        """Let the browser that gets this answer in, until it is closed."""
        response.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict", path="/")


def _loopback_hosts(port: int) -> list[str]:
    hosts = [f"{name}:{port}" for name in _LOOPBACK_NAMES]
    return hosts + list(_LOOPBACK_NAMES) if port == 80 else hosts
