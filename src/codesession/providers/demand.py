"""
What a request can make its provider bill at most, read from the bytes of its body.

Bytes are searched, not decoded: a quotation mark inside a prompt is escaped, so `"name"` is only ever a real key or
value of the JSON around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SEARCHES = 20
"""Searches a provider's own tool may do in one call that sets no limit."""
_OVERHEAD_TOKENS = 2_000
"""What providers put around a prompt: instructions for tools, names of roles, image headers."""
_IMAGE_TOKENS = 20_000
"""No model counts more for one image, however few bytes it was compressed to."""
_AUDIO_TOKENS = 100_000
"""Half an hour of sound or more in a small file."""

_ELSEWHERE = re.compile(
    rb'"(?:previous_response_id|conversation|file_id|file_url|fileUri|file_uri|cachedContent|container|'
    rb'conversation_id)"\s*:\s*["{]|"(?:url|image_url|file_data_url)"\s*:\s*"https?:|"prompt"\s*:\s*\{'
)
"""Part of the prompt is not in the request."""
_OPEN_ENDED = re.compile(
    rb'"type"\s*:\s*"(?:web_search|web_fetch|code_execution|code_interpreter|file_search|mcp|tool_search|advisor|'
    rb'computer_use_preview|image_generation|local_shell|x_search|collections_search|compact)[\w-]*"|'
    rb'"(?:google_search|googleSearch|url_context|urlContext|codeExecution|code_execution|googleMaps|mcp_servers|'
    rb'fallbacks|web_search_options|plugins)"\s*:\s*[{\[]'
)
"""The provider works on its own behalf: its tools, or further models, use tokens that no field limits."""
_IMAGE = re.compile(rb'"(?:image|input_image|image_url|inlineData|inline_data|document|input_file|file)"\s*:?')
_AUDIO = re.compile(rb'"(?:input_audio|audio|audio/[\w.+-]+)"')
_ONE_HOUR = re.compile(rb'"(?:1h|12h|24h)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyDemand:
    """Upper limits of one request."""

    input_tokens: int | None
    """None: the prompt is not all in the request."""
    cache_write: str | None = None
    """Longest-lived cache entry it may write: None, `5m`, `1h` (or longer)."""
    audio: bool = False
    open_ended: bool = False
    speed: str | None = None
    inference_geo: str | None = None


def demand_of(body: bytes | None) -> BodyDemand:
    """The demand of a decoded body; None for one that could not be read as a whole."""
    if body is None:
        return BodyDemand(input_tokens=None, cache_write="1h", audio=True, open_ended=True)
    cached = b'"cache_control"' in body or b'"cachePoint"' in body
    audio = _AUDIO.search(body) is not None
    return BodyDemand(
        input_tokens=None if _ELSEWHERE.search(body) else _most_tokens(body, audio),
        cache_write=("1h" if _ONE_HOUR.search(body) else "5m") if cached else None,
        audio=audio,
        open_ended=_OPEN_ENDED.search(body) is not None,
        speed=_value(body, b"speed"),
        inference_geo=_value(body, b"inference_geo"),
    )


def _most_tokens(body: bytes, audio: bool) -> int:
    """Text makes at most one token per byte; media may be larger than their bytes."""
    images = sum(1 for _ in _IMAGE.finditer(body)) if b"data" in body else 0
    return len(body) + _OVERHEAD_TOKENS + images * _IMAGE_TOKENS + (_AUDIO_TOKENS if audio else 0)


def _value(body: bytes, name: bytes) -> str | None:
    found = re.search(rb'"' + name + rb'"\s*:\s*"([\w.-]{1,40})"', body)
    return found[1].decode("ascii", "replace") if found else None
