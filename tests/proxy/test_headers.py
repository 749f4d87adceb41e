"""What is kept of headers."""

from __future__ import annotations

from codesession.proxy.headers import codings, first_values, packed_for_the_way, request_headers, response_headers


def test_order_and_duplicates_survive() -> None:
    """Nothing is merged or sorted."""
    sent = [(b"b", b"1"), (b"a", b"2"), (b"b", b"3"), (b"accept-encoding", b"gzip, br, zstd")]
    assert request_headers(sent) == sent


def test_of_several_values_the_first_counts_whatever_the_case_of_their_names() -> None:
    """The spelling of a name says nothing."""
    assert first_values([(b"X-A", b"1"), (b"x-a", b"2"), (b"B", b"3")]) == {b"x-a": b"1", b"b": b"3"}


def test_codings_count_together() -> None:
    """For the content first, then for the way."""
    twice = first_values([(b"Content-Encoding", b"br"), (b"x", b"1"), (b"content-encoding", b"gzip")])
    assert codings(twice) == twice[b"content-encoding"] == b"br, gzip"
    assert codings({b"transfer-encoding": b"chunked"}) == b""
    assert codings({b"content-encoding": b"br", b"transfer-encoding": b"GZip, Chunked"}) == b"br, GZip"
    assert packed_for_the_way({b"transfer-encoding": b"identity"}) == b""


def test_what_belongs_to_one_connection_is_dropped_with_what_connection_names() -> None:
    """RFC 9110, 7.6.1."""
    sent = [
        (b"host", b"127.0.0.1:3739"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"x-hop", b"1"),
        (b"te", b"trailers"),
        (b"proxy-authorization", b"Basic x"),
        (b"transfer-encoding", b"chunked"),
        (b"expect", b"100-continue"),
        (b"authorization", b"Bearer x"),
    ]
    assert request_headers(sent) == [(b"authorization", b"Bearer x")]
    answered = [(b"Connection", b"close"), (b"Keep-Alive", b"timeout=5"), (b"Request-Id", b"r"), (b"Trailer", b"x")]
    assert response_headers(answered, 200) == [(b"Request-Id", b"r")]


def test_a_changed_body_gets_its_new_length_in_place() -> None:
    """The header stays where it was."""
    sent = [(b"content-length", b"10"), (b"x", b"y")]
    assert request_headers(sent, length=42) == [(b"content-length", b"42"), (b"x", b"y")]


def test_a_length_is_kept_whatever_connection_names() -> None:
    """Without it the upstream would read the body as the next request, and its answer would meet another call."""
    sent = [(b"connection", b"content-length"), (b"content-length", b"2")]
    assert request_headers(sent) == [(b"content-length", b"2")]


def test_a_value_that_is_no_text_is_kept() -> None:
    """Headers are bytes; what they mean is the provider's business."""
    assert request_headers([(b"x", b"caf\xe9")]) == [(b"x", b"caf\xe9")]


def test_answers_without_a_body_lose_their_length() -> None:
    """A 304 may tell the length of what it does not send; the server would wait for it."""
    headers = [(b"Content-Length", b"5"), (b"ETag", b"e")]
    assert response_headers(headers, 304) == [(b"ETag", b"e")]
    assert response_headers(headers, 200) == headers


def test_a_rewritten_answer_loses_what_described_its_bytes() -> None:
    """Length, coding and digest no longer fit."""
    headers = [(b"Content-Length", b"5"), (b"Content-Encoding", b"gzip"), (b"X", b"y"), (b"Digest", b"d")]
    assert response_headers(headers, 200, rewritten=True) == [(b"X", b"y")]
