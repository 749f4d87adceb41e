"""How a proxy behaves: plain data, read from settings by the caller and cheap to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codesession.proxy.diagnostics import to_stderr
from codesession.proxy.upstreams import Upstream, default_upstreams


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyConfig:
    """Everything that can be switched. Times in seconds."""

    upstreams: Mapping[str, Upstream] = field(default_factory=default_upstreams)
    """By name; `upstreams.configured_upstreams` lays the user's base URLs over the defaults."""
    inject_usage: bool = True
    """Ask OpenAI-compatible chat streams for their usage (the only change ever made to a request)."""
    system_proxies: bool = False
    """Reach upstreams through HTTP(S)_PROXY and NO_PROXY of the environment."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's, PEM: for networks that intercept TLS."""
    connect_timeout_s: float = 30
    idle_timeout_s: float = 3600
    """Longest silence of an upstream. Models think for many minutes; a client that tires of it hangs up itself."""
    buffered_body_bytes: int = 32 * 1024 * 1024
    """A larger request is forwarded as it comes, and its own facts stay unread; responses are never held."""
    ledger_is_far: bool = False
    """The ledger is on a server: even a quick look may take a moment, and must not hold up other calls."""
    metrics: Callable[[], str] | None = None
    """Sums in Prometheus' text format for `GET /metrics`; without it there is no such path. Called in a thread."""
    told: Callable[[str], None] | None = None
    """Gets what stands behind `REFUSED` in a path that was posted to; without it there is no such path."""
    log: Callable[[str], None] = to_stderr
    """Where a line about a failure goes. `cs run` must not write into the terminal of its command."""
