"""
The listening socket, apart from the server: binding must not import an event loop.

`cs run` binds first, starts the command, and only then loads the server; connections wait in the backlog.
"""

from __future__ import annotations

import errno
import socket
import sys

from codesession.errors import InvalidInputError, UnavailableError
from codesession.settings import DEFAULT_PROXY_PORT

HOST = "127.0.0.1"
"""The only address the proxy ever listens on."""

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
"""What this machine calls itself in URLs."""

_BACKLOG = 1024
"""Connections that wait while the server loads; the system may allow fewer."""


def bind_socket(port: int | None = None, *, default: int = DEFAULT_PROXY_PORT) -> socket.socket:
    """
    A listening loopback socket on `port`, or on `default` if that is free, else on any free port.

    Raises `UnavailableError` when the port that was asked for cannot be had, and `InvalidInputError` when it
    is no port number. Port 0 asks for any free one.
    """
    if port is None:
        try:
            return _listen(default)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            return _listen(0)
    if not 0 <= port <= 65535:
        raise InvalidInputError(f"{port} is not a port number", hint="give a port between 1 and 65535")
    try:
        return _listen(port)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise UnavailableError(
            f"port {port} on {HOST} {reason}", hint="choose another --port, or leave it out to get a free one"
        ) from error


def _listen(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(_BACKLOG)
    except BaseException:  # the caller gets no socket that it could close; raised on
        sock.close()
        raise
    return sock
