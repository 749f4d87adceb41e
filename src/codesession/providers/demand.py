"""
What a request can make its provider bill at most, read from its decoded body.

The body is looked through whole, whatever its format: only keys and short values of the JSON count, never words of a
prompt. Where a name may mean more than one thing the dearer one is taken.
"""

from __future__ import annotations

import re
from typing import Any

from codesession.domain.facts import fact

SEARCHES = 20
"""Searches a provider's own tool may do in one call that sets no limit."""
_OVERHEAD_TOKENS = 2_000
"""What providers put around a prompt: instructions for tools, names of roles, image headers."""
_IMAGE_TOKENS = 20_000
"""No model counts more for one image, however few bytes it was compressed to."""
_AUDIO_TOKENS = 100_000
"""Half an hour of sound or more in a small file."""
_LONGEST_WORD = 80
"""A longer value names nothing."""

_ELSEWHERE = frozenset(
    (
        *("previous_response_id", "previous_message_id", "conversation", "conversation_id", "container"),
        *("previous_interaction_id", "continuation_token"),
        *("cachedContent", "cached_content", "file_id", "file_url", "file_uri", "fileUri", "s3Location"),
    )
)
"""Keys whose value says that part of the prompt is not in the request."""
_ADDRESSES = frozenset(
    ("url", "uri", "image_url", "document_url", "video_url", "input_audio", "file_data", "file_data_url")
)
"""The same, where it is a web address."""
_OWN_TOOLS = (
    *("web_search", "web_fetch", "code_execution", "code_interpreter", "file_search", "mcp", "tool_search", "advisor"),
    *("image_generation", "x_search", "collections_search", "document_library", "compact_", "compaction_trigger"),
    *("google_search", "google_maps", "url_context", "retrieval"),
    *("container_auto", "container_reference", "programmatic_tool_calling"),
)
"""Beginnings of types of tools that the provider runs by itself: they use tokens that no field limits."""
_OPEN_ENDED = frozenset(
    (
        *("google_search", "googleSearch", "google_search_retrieval", "googleSearchRetrieval"),
        *("google_maps", "googleMaps", "enterprise_web_search", "enterpriseWebSearch", "file_search", "fileSearch"),
        *("parallel_ai_search", "parallelAiSearch", "exa_ai_search", "exaAiSearch", "retrieval"),
        *("url_context", "urlContext", "code_execution", "codeExecution", "mcp_servers", "mcpServers"),
        *("web_search_options", "search_parameters", "plugins", "fallbacks"),
    )
)
"""Keys of such tools, or of further models."""
_IMAGES = frozenset(
    ("image", "input_image", "image_url", "inlineData", "inline_data", "document", "input_file", "file")
)
_SOUNDS = frozenset(("input_audio", "audio"))
_CACHED = frozenset(("cache_control", "cachePoint", "prompt_cache_options"))
_LONG_LIVED = ("12h", "1h")
_TELLING = _ELSEWHERE | _ADDRESSES | _OPEN_ENDED | _IMAGES | {"prompt", "type", "speed", "inference_geo"}
"""Keys whose values are looked at more closely."""
_NAME = re.compile(r"[\w.-]{1,40}")


@fact(frozen=True, slots=True, kw_only=True)
class BodyDemand:
    """Upper limits of one request."""

    input_tokens: int | None
    """None: the prompt is not all in the request."""
    prompts: int = 1
    """Each of which is as long as the model takes at most, and is answered by itself."""
    cache_write: str | None = None
    """Longest-lived cache entry it may write: None, `5m`, `1h`, `12h`."""
    audio: bool = False
    open_ended: bool = False
    speed: str | None = None
    inference_geo: str | None = None


def demand_of(body: object, size: int) -> BodyDemand:
    """The demand of a decoded body that had `size` bytes; of None: one that could not be read as a whole."""
    if body is None:
        return BodyDemand(input_tokens=None, cache_write="12h", audio=True, open_ended=True)
    seen = _Seen()
    seen.look_through(body)
    top = body if isinstance(body, dict) else {}
    words = seen.words
    audio = not _SOUNDS.isdisjoint(words) or "\0audio/" in "\0".join(("", *words))
    media = seen.images * _IMAGE_TOKENS + (_AUDIO_TOKENS if audio else 0)
    return BodyDemand(
        input_tokens=None if seen.elsewhere else size + _OVERHEAD_TOKENS + media,
        prompts=_prompts(top.get("prompt")),
        cache_write=None if _CACHED.isdisjoint(words) else next((ttl for ttl in _LONG_LIVED if ttl in words), "5m"),
        audio=audio,
        open_ended=seen.open_ended or _goes_further(top),
        speed=seen.named.get("speed"),
        inference_geo=seen.named.get("inference_geo"),
    )


def _prompts(prompt: object) -> int:
    """Of a legacy completion: a text, the numbers of its tokens, or a list of either."""
    if not isinstance(prompt, list) or all(isinstance(each, int) for each in prompt):
        return 1
    return len(prompt)


def _goes_further(body: dict[str, Any]) -> bool:
    """
    OpenRouter asks other models in turn, or the web by a model's name; OpenAI compacts on the way; Google has agents,
    and places where they work.
    """
    model = body.get("model")
    return (
        isinstance(body.get("models"), list)
        or isinstance(body.get("agent"), str)
        or body.get("environment") is not None
        or (isinstance(model, str) and model.endswith(":online"))
        or isinstance(body.get("context_management"), list)
    )


class _Seen:
    """What the members of a body say."""

    __slots__ = ("elsewhere", "images", "named", "open_ended", "words")

    def __init__(self) -> None:
        self.elsewhere = False
        """Text makes at most one token per byte; what is only pointed at may be of any size."""
        self.open_ended = False
        self.images = 0
        self.named: dict[str, str] = {}
        self.words: set[str] = set()
        """Keys and short values."""

    def look_through(self, body: object) -> None:
        """
        Every key and value of every object, and every item of every list, the outer ones first.

        One flat loop: a budget waits for it, and a long prompt has thousands of them.
        """
        waiting: list[Any] = [body]
        add = self.words.add
        for node in waiting:
            if type(node) is dict:
                for key, value in node.items():
                    add(key)
                    kind = type(value)
                    if kind is str and len(value) <= _LONGEST_WORD:
                        add(value)
                        self.images += value in _IMAGES
                    elif kind is dict or kind is list:
                        waiting.append(value)
                    if key in _TELLING:
                        self._note(key, value)
            elif type(node) is list:
                for value in node:
                    kind = type(value)
                    if kind is dict or kind is list:
                        waiting.append(value)
                    elif kind is str and len(value) <= _LONGEST_WORD:
                        add(value)
                        self.images += value in _IMAGES

    def _note(self, key: str, value: object) -> None:
        self.images += key in _IMAGES
        if isinstance(value, dict | list):
            self.open_ended = self.open_ended or key in _OPEN_ENDED
            self.elsewhere = self.elsewhere or (isinstance(value, dict) and (key in _ELSEWHERE or key == "prompt"))
        elif isinstance(value, str):
            self._note_text(key, value)

    def _note_text(self, key: str, value: str) -> None:
        if key == "type":
            self.open_ended = self.open_ended or value.startswith(_OWN_TOOLS)
            self.elsewhere = self.elsewhere or value == "item_reference"
        elif key in _ELSEWHERE or (key in _ADDRESSES and value.startswith(("http:", "https:", "gs:"))):
            self.elsewhere = True
        elif key in ("speed", "inference_geo") and _NAME.fullmatch(value):
            self.named.setdefault(key, value)
