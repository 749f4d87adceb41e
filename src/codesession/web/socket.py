"""The listening socket, apart from the server: a taken port is known before anything large is loaded."""

from __future__ import annotations

import errno
import socket
import sys

from codesession.errors import InvalidInputError, UnavailableError

DEFAULT_PORT = 3737
LOOPBACK = "127.0.0.1"

_BACKLOG = 128


def bind(host: str, port: int | None) -> socket.socket:
    """
    A listening socket on the port asked for; without one, on 3737 if that is free, else on any free port.

    Raises `UnavailableError` when the port cannot be had, `InvalidInputError` for an address that is none of ours.
    """
    if port is not None:
        return _named(host, port)
    try:
        return _listen(host, DEFAULT_PORT)
    except socket.gaierror:
        return _named(host, DEFAULT_PORT)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            return _named(host, DEFAULT_PORT)
        return _named(host, 0)


def _named(host: str, port: int) -> socket.socket:
    try:
        return _listen(host, port)
    except socket.gaierror as error:
        raise InvalidInputError(f"{host!r} is no address of this machine") from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise InvalidInputError(f"{host!r} is no address of this machine") from error
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise UnavailableError(
            f"port {port} on {host} {reason}", hint="choose another --port, or leave it out to get a free one"
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError:  # said in words where the address is known; raised on
        sock.close()
        raise
    return sock
