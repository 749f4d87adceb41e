"""
What requests for background processing asked for, kept until their answers are fetched.

A completion window lowers the price, and neither the queued answer nor the one that is fetched later says it
(developers.openai.com/api/docs/guides/background).
"""

from __future__ import annotations

from codesession.domain.facts import replace
from codesession.domain.usage import ModelResponse

_KEPT = 4096
_NOT_SEEN = "whether a completion window was asked for is not known: priced without one"


class Windows:
    """Completion windows by response id, those of the last requests."""

    def __init__(self) -> None:
        self._asked: dict[str, str | None] = {}

    def asked(self, response: ModelResponse) -> None:
        """Remember what an answer that has no usage yet was asked with."""
        if response.response_id is None or response.parts:
            return
        self._asked[response.response_id] = response.facts.completion_window
        if len(self._asked) > _KEPT:
            del self._asked[next(iter(self._asked))]

    def told(self, response: ModelResponse) -> ModelResponse:
        """A fetched answer with the window that its request asked for; with a doubt where nobody saw the request."""
        if response.response_id not in self._asked:
            return replace(response, warnings=(*response.warnings, _NOT_SEEN))
        window = self._asked[response.response_id]
        return replace(response, facts=replace(response.facts, completion_window=window))
