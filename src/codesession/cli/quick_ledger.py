"""Where the ledger is, told without loading the settings where there is no settings file."""

from __future__ import annotations

import os
from collections.abc import Mapping


def ledger_path(environment: Mapping[str, str]) -> str | None:
    """Where the ledger is, if that can be told without reading settings; None for a database that is no file."""
    if environment.get("CODESESSION_DATABASE_URL"):
        return None
    if path := environment.get("CODESESSION_DB_PATH"):
        return os.path.expanduser(path)
    home = environment.get("HOME")
    if not home or os.path.exists(os.path.join(home, ".codesession", "config.toml")):
        from codesession.settings import load_settings

        settings = load_settings(environment)
        return None if settings.ledger_url else str(settings.ledger_path)
    return os.path.join(home, ".codesession", "sessions.db")
