"""
Headers on their way through: everything is kept but what belongs to one connection (RFC 9110, 7.6.1).

Order, duplicates, values and the case of names stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

RawHeaders = Iterable[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_REQUEST_ONLY = _HOP_BY_HOP | {
    b"host",  # names the proxy; the upstream's is written before all others
    b"expect",  # the server has answered "100-continue" itself
}
_CODINGS = (b"content-encoding", b"transfer-encoding")
"""Headers that mean all their values together, in their order."""
BODILESS = (204, 304)
"""Statuses that carry no body; a content-length there describes a body that is not sent."""


def first_values(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Values by lower-case name; of several the first, but of codings all."""
    values = {name.lower(): value for name, value in reversed(headers)}
    if len(values) != len(headers):
        for name in values.keys() & _CODINGS:
            values[name] = b", ".join(value for given, value in headers if given.lower() == name)
    return values


def packed_for_the_way(first: Mapping[bytes, bytes]) -> bytes:
    """The transfer codings of a message beside `chunked`; nearly none has any. `first` has lower-case names."""
    transfer = first.get(b"transfer-encoding", b"chunked")
    if transfer == b"chunked":
        return b""
    names = (name.strip() for name in transfer.split(b","))
    return b", ".join(name for name in names if name.lower() not in (b"", b"chunked", b"identity"))


def codings(first: Mapping[bytes, bytes]) -> bytes:
    """How the body of a message is packed, for its content and then for its way. `first` has lower-case names."""
    content, way = first.get(b"content-encoding", b""), packed_for_the_way(first)
    return content + b", " + way if way else content


def request_headers(headers: RawHeaders, *, length: int | None = None) -> list[tuple[bytes, bytes]]:
    """The client's headers for the upstream, in order. `length` replaces the content-length of a changed body."""
    pairs = list(headers)
    dropped = _dropped(pairs, _REQUEST_ONLY)
    kept = [pair for pair in pairs if pair[0].lower() not in dropped]
    if length is None:
        return kept
    return [(name, b"%d" % length if name.lower() == b"content-length" else value) for name, value in kept]


def response_headers(headers: RawHeaders, status: int, *, rewritten: bool = False) -> list[tuple[bytes, bytes]]:
    """
    The upstream's headers for the client, in order.

    `rewritten` drops what describes the exact bytes, for the one kind of answer that is changed.
    """
    pairs = list(headers)
    dropped = _dropped(pairs, _HOP_BY_HOP)
    if rewritten:
        dropped = dropped | {b"content-length", b"content-encoding", b"content-digest", b"digest", b"content-md5"}
    elif status in BODILESS:
        dropped = dropped | {b"content-length"}
    return [pair for pair in pairs if pair[0].lower() not in dropped]


def _dropped(pairs: list[tuple[bytes, bytes]], always: frozenset[bytes]) -> frozenset[bytes]:
    """`always` and what the Connection header names."""
    named: set[bytes] = set()
    for name, value in pairs:
        if name.lower() == b"connection":
            named.update(token.strip().lower() for token in value.split(b","))
    named -= {b"", b"close", b"keep-alive", b"content-length"}  # the body would be read as the next message
    return always | named if named else always
