"""The response on its way to the client: status, headers and bytes as they come, a copy to the witness."""

from __future__ import annotations

from collections.abc import Iterator

from codesession.proxy.connection import Response
from codesession.proxy.decode import Decoder, UndecodableError, decoder_for
from codesession.proxy.headers import response_headers
from codesession.proxy.replies import Send
from codesession.proxy.usage_chunk import UsageChunkFilter
from codesession.proxy.witness import Witness


class Answer:
    """Relays one upstream response."""

    def __init__(self, response: Response, send: Send, witness: Witness | None, *, strip_usage_chunk: bool) -> None:
        self._response = response
        self._send = send
        self._witness = witness
        self._strip = strip_usage_chunk
        self.started = False
        """The client has the status; a failure can only be shown by cutting the connection."""
        self.complete = False
        """The upstream ended the answer itself."""

    async def relay(self) -> None:
        """Pass everything on. Raises `UpstreamError` or `OSError` when the upstream breaks off."""
        response, send, witness = self._response, self._send, self._witness
        content_type = response.header(b"content-type").decode("latin-1")
        encoding = response.header(b"content-encoding")
        if witness is not None:
            request_id = response.header(b"request-id").decode("latin-1")
            witness.answered(response.status, content_type, encoding, request_id or None)
        editor = self._editor(content_type, encoding)
        headers = response_headers(response.headers, response.status, rewritten=editor is not None)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        self.started = True
        while chunk := await response.read():
            seen = chunk if editor is None else editor.edit(chunk)
            if seen:
                await send({"type": "http.response.body", "body": seen, "more_body": True})
            if witness is not None:
                witness.take(chunk)
        self.complete = True
        await send({"type": "http.response.body", "body": b"" if editor is None else editor.rest()})

    def close(self) -> None:
        """Let go of the upstream; its connection is cut unless the answer was read to its end."""
        self._response.close()

    def _editor(self, content_type: str, encoding: bytes) -> _StreamEditor | None:
        if not self._strip or not content_type.lower().startswith("text/event-stream"):
            return None
        try:
            return _StreamEditor(decoder_for(encoding))
        except UndecodableError:  # the client gets the stream as it is, with the chunk it did not ask for
            return None


class _StreamEditor:
    """Takes the usage chunk out; a compressed stream is passed on decoded, because its bytes cannot be edited."""

    def __init__(self, decoder: Decoder | None) -> None:
        self._decoder = decoder
        self._filter = UsageChunkFilter()

    def edit(self, chunk: bytes) -> bytes:
        return b"".join(self._filter.feed(block) for block in self._blocks(chunk))

    def rest(self) -> bytes:
        return self._filter.finish()

    def _blocks(self, chunk: bytes) -> Iterator[bytes]:
        if self._decoder is None:
            return iter((chunk,))
        return self._decoder.feed(chunk)
