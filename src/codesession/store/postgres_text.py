"""
What is said to PostgreSQL, and about it: its way of naming parameters, the ledger's name without secrets, errors
in words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from codesession.errors import InvalidInputError

_SCHEMES = ("postgresql", "postgres")
_TOKENS = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|%|:(?P<name>[A-Za-z_]\w*)""")
"""Where a colon or a percent sign may stand: quoted text and names, comments, casts, operators, parameters."""

_HINTS = (
    ("55P03", "another program holds the ledger; try again, or look for a hanging one"),
    ("25006", "this server only reads; name the primary in CODESESSION_DATABASE_URL"),
    ("42501", "the user of CODESESSION_DATABASE_URL needs rights on the tables, and to make them at the first start"),
    ("42P07", "the database holds another program's tables; give the ledger a database of its own"),
    ("53100", "the server's disk is full; free some space and try again"),
    ("too many", "the server has no connection left; raise max_connections or put a pooler in front"),
    ("authentication", "check user and password in CODESESSION_DATABASE_URL, or keep the password in ~/.pgpass"),
    ("no password", "put the password into CODESESSION_DATABASE_URL, or into ~/.pgpass"),
    ("does not exist", "create it on the server (createdb), or correct CODESESSION_DATABASE_URL"),
    ("connect", "check that the server runs and that CODESESSION_DATABASE_URL names it"),
    ("resolve", "check the host name in CODESESSION_DATABASE_URL"),
)
_HELD_UP = "it is locked by another writer"


@lru_cache(maxsize=1024)
def translate(sql: str) -> str:
    """`:name` becomes `%(name)s`; percent signs that are SQL are doubled, quoted or not, as psycopg wants them."""
    return _TOKENS.sub(lambda found: f"%({name})s" if (name := found["name"]) else found[0].replace("%", "%%"), sql)


def describe(url: str) -> str:
    """
    `postgresql://host:port/database`, without user, password and options.

    Raises `InvalidInputError` for what is no such URL, above all one whose password was not percent-encoded: parts
    of it would be taken for the host and shown. Nothing of the URL is in that error.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # an odd port or address: told below like every other
        raise no_url() from None
    cut_short = parts.netloc.count("@") > 1 or "@" in parts.path + parts.query or parts.fragment
    if parts.scheme not in _SCHEMES or cut_short:
        raise no_url()
    options = dict(parse_qsl(parts.query))
    host = options.get("host") or unquote(host) or "local socket"
    place = host if port is None else f"{host}:{port}"
    return f"postgresql://{place}/{options.get('dbname') or unquote(parts.path.lstrip('/'))}"


def no_url() -> InvalidInputError:
    """Says how such a URL is written, and nothing of what was given."""
    return InvalidInputError(
        "CODESESSION_DATABASE_URL (or ledger.url) is no URL of a PostgreSQL database",
        hint="write postgresql://user:password@host:5432/database, with special signs of the password percent-encoded",
    )


def reason_of(message: str, sqlstate: str | None) -> tuple[str, str]:
    """What went wrong, in the server's words on one line, and what to do."""
    line = (message.strip().splitlines() or ["the server hung up"])[0]
    line = line.rpartition("FATAL:")[2].strip().removeprefix("connection failed: ")
    marks = f"{sqlstate} {line}".lower()
    hint = next((hint for mark, hint in _HINTS if mark.lower() in marks), "look at the server's log")
    return (_HELD_UP if sqlstate == "55P03" else line), hint
