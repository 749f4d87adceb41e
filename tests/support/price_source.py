"""The price file that genai-prices publishes, made from the installed package and served on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from genai_prices import types
from genai_prices.data import providers


def published(**changed: dict[str, dict[str, Any]]) -> bytes:
    """The installed prices as the project publishes them; `openai={"gpt-5": {"prices": {…}}}` changes models."""
    raw = json.loads(_installed())
    for provider in raw:
        for model in provider["models"]:
            model.update(changed.get(provider["id"], {}).get(model["id"], {}))
    return json.dumps(raw).encode()


@cache
def _installed() -> str:
    raw = [_wire(provider) for provider in providers]
    for provider in raw:
        provider.pop("extractors", None)
    return json.dumps(raw)


def _wire(value: Any) -> Any:
    if isinstance(value, types.ModelPrice):
        return {key: _wire(each) for key, each in vars(value).items() if each is not None and key[0] != "_"}
    if is_dataclass(value):
        pairs = [(f.name, getattr(value, f.name)) for f in fields(value) if f.name[0] != "_"]
        return {name.rstrip("_"): _wire(each) for name, each in pairs if each is not None}
    if isinstance(value, list | tuple):
        return [_wire(each) for each in value]
    if isinstance(value, dict):
        return {key: _wire(each) for key, each in value.items()}
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@contextmanager
def serving(body: bytes, status: int = 200) -> Iterator[str]:
    """The address of a server that answers everything with `body`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
