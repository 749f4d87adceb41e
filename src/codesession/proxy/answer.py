"""The response on its way to the client: status, headers and bytes as they come, a copy to the witness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from codesession.proxy.connection import Response
from codesession.proxy.decode import Decoder, UndecodableError, decoder_for
from codesession.proxy.headers import codings, packed_for_the_way, response_headers
from codesession.proxy.request import Request
from codesession.proxy.usage_chunk import UsageChunkFilter
from codesession.proxy.witness import Witness

_BREATH_S = 0.05
"""How long the next piece of an answer waits that brings calls faster than they can be recorded."""


class Answer:
    """Relays one upstream response. `crowded`: it brings calls, and so many wait that it should come slower."""

    def __init__(
        self,
        response: Response,
        request: Request,
        witness: Witness | None,
        *,
        strip_usage_chunk: bool,
        crowded: Callable[[], bool] | None = None,
    ) -> None:
        self._response = response
        self._request = request
        self._witness = witness
        self._strip = strip_usage_chunk
        self._crowded = crowded
        self._editor: _StreamEditor | None = None
        self.complete = False
        """The upstream ended the answer itself."""

    async def relay(self) -> None:
        """Pass everything on. Raises `UpstreamError` or `OSError` when the upstream breaks off."""
        response, request, witness = self._response, self._request, self._witness
        content_type = response.first.get(b"content-type", b"").decode("latin-1")
        encoding = codings(response.first)
        if witness is not None:
            witness.answered(response.status, response.first)
        self._editor = self._new_editor(content_type, encoding)
        headers = response_headers(response.headers, response.status, rewritten=self._editor is not None)
        if self._editor is None and (packed := packed_for_the_way(response.first)):
            headers.append((b"transfer-encoding", packed + b", chunked"))  # nobody asked for it, but so the bytes are
        request.start(response.status, headers, response.reason)
        request.on_ready = response.go_on
        response.pass_to(self._pass)
        request.flush()  # where no byte of the body has come yet
        await response.over()

    def close(self) -> None:
        """Let go of the upstream; its connection is cut unless the answer was read to its end."""
        self._response.close()

    def _pass(self, chunk: bytes) -> None:
        """A piece of the answer: to the client first, then to the witness."""
        response, request, editor = self._response, self._request, self._editor
        seen = chunk if editor is None else editor.edit(chunk)
        if response.ended:
            self.complete = True
            request.finish(seen if editor is None else seen + editor.rest())
        else:
            request.write(seen)
            if request.slow and not request.gone:
                response.hold()
        if self._witness is not None and chunk:
            self._witness.take(chunk)
        if self._crowded is not None and not self.complete and self._crowded():
            response.hold()
            asyncio.get_running_loop().call_later(_BREATH_S, self._breathed)

    def _breathed(self) -> None:
        """Enough waited: recording that makes no progress must not stop an answer."""
        if not self._request.slow or self._request.gone:
            self._response.go_on()

    def _new_editor(self, content_type: str, encoding: bytes) -> _StreamEditor | None:
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
