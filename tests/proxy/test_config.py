"""What a proxy does unless told otherwise."""

from __future__ import annotations

from codesession.proxy.config import ProxyConfig


def test_the_defaults_are_patient_and_direct() -> None:
    """At least ten minutes of silence, no system proxy, usage asked for, every known provider."""
    config = ProxyConfig()
    assert config.idle_timeout_s >= 600
    assert config.connect_timeout_s <= 60
    assert (config.inject_usage, config.system_proxies, config.ca_file) == (True, False, None)
    assert {"anthropic", "openai", "google", "mistral", "deepseek", "openrouter"} <= set(config.upstreams)
