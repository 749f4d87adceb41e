"""
The newest prices that genai-prices publishes, fetched over the network because the user asked for them.

The library's own reader fetches and checks them; nothing of it stays running and nothing is fetched by itself.
"""

from __future__ import annotations

import hashlib
import json

from codesession.errors import InvalidInputError, UnavailableError
from codesession.prices.generator import genai

CONNECT_SECONDS = 5.0
"""How long to wait for a connection."""
SILENCE_SECONDS = 15.0
"""How long a server may say nothing."""


def fetch(url: str | None = None) -> genai.Source:
    """
    The set at an address, else at the library's own.

    Its name ends in a digest of what it says, so that two machines can tell whether they have the same. Raises
    UnavailableError when nothing answers in time, or answers with something else than prices.
    """
    if url is not None and not url.startswith(("https://", "http://")):
        raise InvalidInputError(f"{url} is no web address", hint="begin it with https://")
    import httpx2
    from genai_prices.update_prices import DEFAULT_UPDATE_URL, UpdatePrices

    address = url or DEFAULT_UPDATE_URL
    patience = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    try:
        found = UpdatePrices(url=address, request_timeout=patience).fetch()
    except httpx2.HTTPError as error:
        raise UnavailableError(
            f"cannot fetch the newest prices from {address}: {error or type(error).__name__}",
            hint="without --newest the installed genai-prices is taken",
        ) from error
    except (ValueError, TypeError, KeyError) as error:  # no JSON, or JSON of another shape: its checks vary
        raise UnavailableError(
            f"what {address} answers is no price data that this genai-prices reads",
            hint="pip install -U genai-prices",
        ) from error
    if found is None:
        raise UnavailableError(f"{address} has no prices")
    return _named(genai.Source("genai-prices-newest", found.providers))


def _named(source: genai.Source) -> genai.Source:
    said = json.dumps(genai.read(source), sort_keys=True).encode()
    return source._replace(name=f"{source.name}-{hashlib.sha256(said).hexdigest()[:8]}")
