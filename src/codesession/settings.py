"""
Settings and paths: flag, then environment, then `~/.codesession/config.toml`, then default.

    [ledger]      path, url
    [agent]       name
    [proxy]       port, inject_usage
    [upstreams]   anthropic = "https://…", …
    [aliases]     "my-azure-deployment" = "gpt-5"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codesession.errors import InvalidInputError

_KNOWN: dict[str, frozenset[str] | None] = {
    "ledger": frozenset({"path", "url"}),
    "agent": frozenset({"name"}),
    "proxy": frozenset({"port", "inject_usage"}),
    "upstreams": None,
    "aliases": None,
}
"""Sections of the file and their keys; None where the user chooses the keys."""

UPSTREAM_VARIABLE = "CODESESSION_UPSTREAM_"
DEFAULT_PROXY_PORT = 3739


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a user can decide outside a command line."""

    home: Path
    """`~/.codesession`: ledger, price overrides, configuration."""
    ledger_path: Path
    ledger_url: str | None = None
    agent_name: str | None = None
    session_id: int | None = None
    """The session of the `cs run` that started this process."""
    proxy_port: int | None = None
    inject_usage: bool = True
    upstreams: Mapping[str, str] = field(default_factory=dict)
    """Provider name to base URL, only where it differs from the provider's own."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Model names of the user (Azure deployments, gateway names) to models with a price."""

    @property
    def price_overrides(self) -> Path:
        """The user's own prices."""
        return self.home / "pricing.json"


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of this user; raises `InvalidInputError` that names a broken file or key."""
    home = Path(environment.get("HOME") or os.path.expanduser("~")) / ".codesession"
    config = _read_config(home / "config.toml")
    ledger = environment.get("CODESESSION_DB_PATH") or _text(config, "ledger", "path")
    return Settings(
        home=home,
        ledger_path=Path(ledger).expanduser() if ledger else home / "sessions.db",
        ledger_url=environment.get("CODESESSION_DATABASE_URL") or _text(config, "ledger", "url"),
        agent_name=environment.get("CODESESSION_AGENT_NAME") or _text(config, "agent", "name"),
        session_id=_session_id(environment.get("CODESESSION_SESSION_ID")),
        proxy_port=_port(config),
        inject_usage=_flag(config, "proxy", "inject_usage", True),
        upstreams={**_texts(config, "upstreams"), **_upstreams(environment)},
        aliases=_texts(config, "aliases"),
    )


def _read_config(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    import tomllib

    try:
        config = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}", hint="mend the file or move it away") from error
    for section, keys in config.items():
        if section not in _KNOWN or not isinstance(keys, dict):
            raise InvalidInputError(f"{path}: unknown section [{section}]", hint=f"there are {', '.join(_KNOWN)}")
        allowed = _KNOWN[section]
        for key in keys:
            if allowed is not None and key not in allowed:
                hint = f"[{section}] knows {', '.join(sorted(allowed))}"
                raise InvalidInputError(f"{path}: unknown key {section}.{key}", hint=hint)
    return config


def _value(config: Mapping[str, Any], section: str, key: str, kind: type, wanted: str) -> Any:
    value = config.get(section, {}).get(key)
    if value is not None and type(value) is not kind:
        raise InvalidInputError(f"config.toml: {section}.{key} is {value!r}; {wanted} is needed")
    return value


def _text(config: Mapping[str, Any], section: str, key: str) -> str | None:
    value: str | None = _value(config, section, key, str, "a text")
    return value


def _flag(config: Mapping[str, Any], section: str, key: str, default: bool) -> bool:
    value: bool | None = _value(config, section, key, bool, "true or false")
    return default if value is None else value


def _port(config: Mapping[str, Any]) -> int | None:
    value: int | None = _value(config, "proxy", "port", int, "a port number")
    if value is not None and not 0 < value < 65536:
        raise InvalidInputError(f"config.toml: proxy.port is {value}; a port from 1 to 65535 is needed")
    return value


def _texts(config: Mapping[str, Any], section: str) -> dict[str, str]:
    return {key: _value(config, section, key, str, "a text") for key in config.get(section, {})}


def _session_id(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() else None


def _upstreams(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(UPSTREAM_VARIABLE).lower(): value.rstrip("/")
        for name, value in environment.items()
        if name.startswith(UPSTREAM_VARIABLE) and value
    }
