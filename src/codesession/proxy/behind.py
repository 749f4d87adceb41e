"""
A proxy of ours behind another: a run in a shell that has the exports of `cs proxy`.

The one in front counts a call and asks the budgets; the one behind passes it on, or both would.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from codesession.proxy.route import INTERCEPTED, SEEN

_ANSWER_S = 0.5
"""How long a server of this machine may take to say that it is ours."""
_MOST = 65536


def past_ours(base_urls: Mapping[str, str]) -> dict[str, str]:
    """Base URLs by provider; that of a `cs proxy` of this machine becomes the one at which it counts nothing."""
    is_ours = lru_cache(None)(_is_ours)  # most providers are at one address
    found = dict(base_urls)
    for name, base_url in base_urls.items():
        url = urlsplit(base_url)
        if _may_be_ours(url) and is_ours(url.netloc):
            found[name] = url._replace(path=SEEN + url.path).geturl()
    return found


def _may_be_ours(url: SplitResult) -> bool:
    """Not that of a run: its budget must see the calls."""
    here = url.scheme == "http" and url.hostname in ("127.0.0.1", "localhost")
    return here and not url.path.startswith("/s/")


def _is_ours(address: str) -> bool:
    """
    Whether a proxy of ours answers there that knows of others.

    Asked for at a path of our own: at `/health` other gateways try all their models.
    """
    from http.client import HTTPConnection, HTTPException  # seldom is anybody asked

    connection = HTTPConnection(address, timeout=_ANSWER_S)
    try:
        connection.request("GET", SEEN)
        told = json.loads(connection.getresponse().read(_MOST))
    except (OSError, HTTPException, ValueError):  # it is somebody else's, or does not answer
        return False
    finally:
        connection.close()
    return isinstance(told, dict) and told.get("intercepting") == list(INTERCEPTED)
