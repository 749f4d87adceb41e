"""A private PostgreSQL server from Debian's package: its own folder, a Unix socket, no password, nothing kept."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from codesession.store.postgres import PostgresDatabase
from support.ledger import NOW_MS

KEPT = ("schema_migrations", "ledger_writes")
_PACKAGES = Path("/usr/lib/postgresql")
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
_PR_SET_PDEATHSIG = 1


def binaries() -> Path | None:
    """Where the newest installed server's programs are; None without one."""
    found = [folder for folder in _PACKAGES.glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class PostgresServer:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._shared: str | None = None

    def url(self, database: str) -> str:
        """How `cs` reaches a database of this server."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a database without any table, for tests that change the schema or count transactions."""
        name = f"ledger_{next(self._numbers)}"
        self.admin(f"CREATE DATABASE {name}")
        return self.url(name)

    def empty_ledger(self) -> str:
        """The URL of a ledger without a row: always the same database, emptied, because making one takes long."""
        if self._shared is None:
            self._shared = self.new_database()
            PostgresDatabase(self._shared, now_ms=NOW_MS).close()
        with psycopg.connect(self._shared, autocommit=True) as connection:
            connection.execute(_empty_all(connection))
        return self._shared

    def admin(self, statement: str) -> None:
        """Run a statement that is about databases or sessions."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_server(programs: Path) -> Iterator[PostgresServer]:
    """Initialise, start, stop, remove."""
    folder = Path(tempfile.mkdtemp(prefix="cs-pg-"))
    user = _unprivileged(folder)
    run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL}
    options = [part for name, value in _FAST.items() for part in ("-c", f"{name}={value}")]
    try:
        flags = ("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        subprocess.run([programs / "initdb", "-D", folder / "data", *flags], check=True, **run)
        command = [programs / "postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", *options]
        log = (folder / "log").open("wb")
        process = subprocess.Popen(command, stderr=log, preexec_fn=_end_with_parent, **run)  # noqa: PLW1509 (one call of the kernel)
        try:
            server = PostgresServer(folder)
            _wait_for(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _empty_all(connection: psycopg.Connection[Any]) -> bytes:
    """Statements that empty every table of the ledger and begin its numbers anew; far faster than TRUNCATE."""
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    sequences = connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
    statements = ["SET session_replication_role = replica"]  # foreign keys ask for no order
    statements += [f"DELETE FROM {name}" for (name,) in tables if name not in KEPT]
    statements += [f"SELECT setval('{name}', 1, false)" for (name,) in sequences]
    return ";".join(statements).encode()


def _unprivileged(folder: Path) -> int | None:
    """The server refuses to run as root; the folder is given to whom it runs as."""
    if os.getuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_uid


def _end_with_parent() -> None:
    """A test run that is killed leaves no server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    conninfo = make_conninfo(server.url("postgres"), connect_timeout=2)
    while True:
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError:
            told = (server.folder / "log").read_text(errors="replace")
            assert process.poll() is None, told
            assert time.monotonic() < deadline, told
            time.sleep(0.02)
        else:
            return
