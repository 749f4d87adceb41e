"""
Settings and paths: flag, then environment, then `~/.codesession/config.toml`, then default.

    [ledger]      path, url
    [agent]       name
    [proxy]       port, inject_usage
    [upstreams]   anthropic = "https://…", …
    [aliases]     "my-azure-deployment" = "gpt-5"
    [budget]      unpriced = "ceiling" or "refuse", ceiling_usd = 1.00
    [report]      currency = "EUR", rate = 0.92
    [import]      titles = true
    [metrics]     serve = true
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from codesession.domain.facts import fact, field
from codesession.errors import InvalidInputError, UnavailableError, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.report import Currency

_KNOWN: dict[str, frozenset[str] | None] = {
    "ledger": frozenset({"path", "url"}),
    "agent": frozenset({"name"}),
    "proxy": frozenset({"port", "inject_usage"}),
    "upstreams": None,
    "aliases": None,
    "budget": frozenset({"unpriced", "ceiling_usd"}),
    "report": frozenset({"currency", "rate"}),
    "import": frozenset({"titles"}),
    "metrics": frozenset({"serve"}),
}
"""Sections of the file and their keys; None where the user chooses the keys."""

UPSTREAM_VARIABLE = "CODESESSION_UPSTREAM_"
_HYPHENATED = ("google-code-assist",)
"""Providers of the proxy's own table whose names a variable cannot spell."""
DEFAULT_PROXY_PORT = 3739


@fact(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a user can decide outside a command line."""

    home: Path
    """`~/.codesession`: ledger, price overrides, configuration."""
    ledger_path: Path
    ledger_url: str | None = None
    """A PostgreSQL database instead of the file. Holds a password: show `ledger_name`."""
    agent_name: str | None = None
    session_id: int | None = None
    """The session of the `cs run` that started this process."""
    proxy_port: int | None = None
    inject_usage: bool = True
    upstreams: Mapping[str, str] = field(default_factory=dict)
    """Provider name to base URL, only where it differs from the provider's own."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Model names of the user (Azure deployments, gateway names) to models with a price."""

    report_currency: Currency | None = None
    """The currency reports are shown in beside dollars."""

    budget_refuses_unpriced: bool = False
    """Refuse calls of models without a price while a budget that stops applies."""
    budget_ceiling_picousd: int = 10**12
    """What a budget sets aside for such a call otherwise."""

    import_titles: bool = False
    """Imported sessions may be named by the beginning of their first prompt."""

    serve_metrics: bool = False
    """Proxy and dashboard answer `GET /metrics` with the ledger's sums."""

    @property
    def ledger_name(self) -> str:
        """The ledger as it may be shown: its file, or server and database without a password."""
        if self.ledger_url is None:
            return str(self.ledger_path)
        from codesession.store.postgres_text import describe

        return describe(self.ledger_url)

    @property
    def ledger_place(self) -> Path:
        """What local files that belong to the ledger are named after: its file, or a name of the server in `home`."""
        if self.ledger_url is None:
            return self.ledger_path
        import re

        return self.home / re.sub(r"[^\w.]+", "-", self.ledger_name)[:200]

    @property
    def price_data(self) -> Path:
        """Price files that `cs pricing update` made; used while they are newer than the packaged ones."""
        return self.home / "prices"

    @property
    def price_overrides(self) -> Path:
        """The user's own prices."""
        return self.home / "pricing.json"


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of this user; raises `InvalidInputError` that names a broken file or key."""
    home = _home(environment) / ".codesession"
    config = _read_config(home / "config.toml")
    ledger = environment.get("CODESESSION_DB_PATH") or _text(config, "ledger", "path")
    return Settings(
        home=home,
        ledger_path=_ledger_path(home, ledger),
        ledger_url=_ledger_url(environment, config),
        agent_name=environment.get("CODESESSION_AGENT_NAME") or _text(config, "agent", "name"),
        session_id=_session_id(environment.get("CODESESSION_SESSION_ID")),
        proxy_port=_port(config),
        inject_usage=_flag(config, "proxy", "inject_usage", True),
        upstreams=_upstreams(_texts(config, "upstreams"), environment),
        aliases=_texts(config, "aliases"),
        report_currency=_currency(config),
        budget_refuses_unpriced=_refuses_unpriced(config),
        budget_ceiling_picousd=_ceiling(config),
        import_titles=_flag(config, "import", "titles", False),
        serve_metrics=_serves_metrics(environment, config),
    )


def _home(environment: Mapping[str, str]) -> Path:
    """The user's home folder; services and containers may run without HOME, or with an empty one."""
    if home := environment.get("HOME"):
        return Path(home)
    if sys.platform == "win32":
        return Path.home()
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError as error:
        raise UnavailableError("there is no home folder", hint="set HOME") from error


def _ledger_path(home: Path, ledger: str | None) -> Path:
    if not ledger:
        return home / "sessions.db"
    try:
        return Path(ledger).expanduser()
    except RuntimeError as error:
        raise InvalidInputError(f"cannot find the ledger {ledger}: {error}") from error


def _ledger_url(environment: Mapping[str, str], config: Mapping[str, Any]) -> str | None:
    """A ledger on a server; a file that the environment names beats a server that the configuration names."""
    if url := environment.get("CODESESSION_DATABASE_URL"):
        return url
    return None if environment.get("CODESESSION_DB_PATH") else _text(config, "ledger", "url")


def _read_config(path: Path) -> Mapping[str, Any]:
    if not os.path.lexists(path):
        return {}
    import tomllib

    try:
        config = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {reason(error)}", hint="mend the file or move it away") from error
    for section, keys in config.items():
        if section not in _KNOWN or not isinstance(keys, dict):
            raise InvalidInputError(f"{path}: unknown section [{section}]", hint=f"there are {', '.join(_KNOWN)}")
        allowed = _KNOWN[section]
        for key in keys:
            if allowed is not None and key not in allowed:
                hint = f"[{section}] knows {', '.join(sorted(allowed))}"
                raise InvalidInputError(f"{path}: unknown key {section}.{key}", hint=hint)
    return config


def may_name_upstreams(environment: Mapping[str, str]) -> bool:
    """Whether settings that cannot be read may say where calls have to go: a company's gateway must not be bypassed."""
    try:
        return b"upstream" in (_home(environment) / ".codesession" / "config.toml").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True


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


def _serves_metrics(environment: Mapping[str, str], config: Mapping[str, Any]) -> bool:
    wanted = _flag(config, "metrics", "serve", False)
    return environment["CODESESSION_METRICS"] == "1" if environment.get("CODESESSION_METRICS") else wanted


def _port(config: Mapping[str, Any]) -> int | None:
    value: int | None = _value(config, "proxy", "port", int, "a port number")
    if value is not None and not 0 < value < 65536:
        raise InvalidInputError(f"config.toml: proxy.port is {value}; a port from 1 to 65535 is needed")
    return value


def _texts(config: Mapping[str, Any], section: str) -> dict[str, str]:
    return {key: _value(config, section, key, str, "a text") for key in config.get(section, {})}


def _currency(config: Mapping[str, Any]) -> Currency | None:
    """A currency and its rate; the rate is read as it is written, not as a binary fraction."""
    section = config.get("report", {})
    if not section:
        return None
    from decimal import Decimal, InvalidOperation

    from codesession.domain.report import Currency

    code, rate = section.get("currency"), section.get("rate")
    if not isinstance(code, str) or not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidInputError(f"config.toml: report.currency is {code!r}; three letters such as EUR are needed")
    try:
        per_dollar = Decimal("" if isinstance(rate, bool) else str(rate))
    except InvalidOperation:
        per_dollar = Decimal(0)
    if not per_dollar.is_finite() or not 0 < per_dollar < 10**9:
        hint = f"write how much {code.upper()} one US dollar is: rate = 0.92"
        raise InvalidInputError(f"config.toml: report.rate is {rate!r}; a number above 0 is needed", hint=hint)
    return Currency(code=code.upper(), rate=per_dollar)


def _refuses_unpriced(config: Mapping[str, Any]) -> bool:
    value = _text(config, "budget", "unpriced")
    if value not in (None, "ceiling", "refuse"):
        raise InvalidInputError(f'config.toml: budget.unpriced is {value!r}; "ceiling" or "refuse" is needed')
    return value == "refuse"


def _ceiling(config: Mapping[str, Any]) -> int:
    value = config.get("budget", {}).get("ceiling_usd")
    if value is None:
        return 10**12
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10_000:
        raise InvalidInputError(f"config.toml: budget.ceiling_usd is {value!r}; dollars from 0 to 10,000 are needed")
    from decimal import Decimal

    from codesession.domain.money import to_picousd

    return to_picousd(Decimal(str(value)))


def _session_id(value: str | None) -> int | None:
    """Only a number of ours means anything; whatever else is in the variable was not put there by `cs run`."""
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 19 else None


def _upstreams(configured: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Base URLs by provider; a variable cannot spell the hyphens of a name."""
    found = dict(configured)
    spelled = {name.lower().replace("-", "_"): name for name in (*_HYPHENATED, *configured)}
    for variable, value in environment.items():
        if variable.startswith(UPSTREAM_VARIABLE) and value:
            name = variable.removeprefix(UPSTREAM_VARIABLE).lower()
            found[spelled.get(name, name)] = value.rstrip("/")
    return found
