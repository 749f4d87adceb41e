"""
The check-up of an installation: what is there, what is wrong, what to do about it.

Every function looks at one thing and answers with lines; none of them changes anything or raises for what it finds.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.finding import Finding, failed, passed, warned
from codesession.errors import CodesessionError, reason
from codesession.store.disk import NO_FILE, obstacle

if TYPE_CHECKING:
    from codesession.services.agent_hooks.installing import HookState
    from codesession.services.exports.lacking import Lacking, ModelCalls
    from codesession.services.spool import Spool
    from codesession.store.checking import LedgerState

_SHOWN = 5
"""Names in one line."""
_NO_LEDGER = ("not a database", "malformed")
"""What SQLite says of a file for which no disk is to blame."""
_LARGE_BYTES = 2 * 1024**3
_READERS = stat.S_IRWXG | stat.S_IRWXO
_LOCAL_TIMEOUT_S = 2


def check_ledger(path: Path, inspect: Callable[[Path], LedgerState]) -> list[Finding]:
    """The file: can be read, is whole, is of our schema, can be written."""
    facts: dict[str, Any] = {"path": str(path)}
    if not path.exists():
        return [_to_be_made(path, facts)]
    if not path.is_file():  # a pipe would be waited for
        return [failed("ledger", f"{path} is no file", hint=NO_FILE, **facts)]
    try:
        state = inspect(path)
    except Exception as error:  # whatever the driver says about a file that may be anything
        return [_unreadable(path, error, facts)]
    if state.damage:
        hint = "keep a copy; `sqlite3 FILE .recover` saves what can be saved, or restore a backup"
        return [failed("ledger", f"{path} is damaged: {'; '.join(state.damage)}", hint=hint, **facts)]
    size = f"{state.size_bytes / 1024**2:,.1f} MB"
    figures: dict[str, Any] = {**facts, "schema": state.schema, "sizeBytes": state.size_bytes}
    return [
        passed("ledger", f"{path}, {size}, whole", **figures),
        _schema(state),
        _writable(state, path),
        *([warned("size", f"the ledger has {size}", hint="it works; backups take longer")] * _is_large(state)),
    ]


def _unreadable(path: Path, error: Exception, facts: dict[str, Any]) -> Finding:
    """A ledger on a full or read-only disk cannot be opened either, and must not be moved away for that."""
    said = f"{path} cannot be read: {reason(error)}"
    if any(word in reason(error).lower() for word in _NO_LEDGER) or (found := obstacle(path)) is None:
        return failed("ledger", said, hint="restore a backup, or move the file away to begin a new ledger", **facts)
    why, hint = found
    return failed("ledger", f"{said}: {why}; the ledger is not damaged by that", hint=hint, **facts)


def _to_be_made(path: Path, facts: dict[str, Any]) -> Finding:
    """Whether the first command could make the file, and the folders above it that are not there either."""
    target = path.resolve()
    if path.is_symlink() and not target.parent.is_dir():
        hint = "mount the disk it is on, or make the folder; or name another place with CODESESSION_DB_PATH"
        return failed("ledger", f"{path} points at {target}, whose folder is not there", hint=hint, **facts)
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return passed("ledger", f"{path} is not there yet; the first command makes it", **facts)
    why = "is read-only for you" if nearest.is_dir() else "is no folder"
    hint = f"mend the permissions of {nearest}, or name another place with CODESESSION_DB_PATH"
    return failed("ledger", f"{path} cannot be made: {nearest} {why}", hint=hint, **facts)


def _is_large(state: LedgerState) -> int:
    return int(state.size_bytes > _LARGE_BYTES)


def _schema(state: LedgerState) -> Finding:
    if state.schema > state.newest_schema:
        text = f"{state.schema}, written by a newer codesession; this one knows up to {state.newest_schema}"
        return failed("schema", text, hint="update codesession")
    if state.schema < state.newest_schema:
        return passed("schema", f"{state.schema}; the next command upgrades it to {state.newest_schema}")
    return passed("schema", f"{state.schema}, the newest")


def _writable(state: LedgerState, path: Path) -> Finding:
    found = obstacle(path)
    if state.not_writable is not None and "locked" in state.not_writable:
        hint = "if this stays so, look for a hanging program that has it open; calls wait in the spool meanwhile"
        return warned("recording", "another program holds the ledger right now", hint=hint)
    if found is not None:
        return failed("recording", f"nothing can be recorded: {found[0]}; the ledger is not damaged", hint=found[1])
    if state.not_writable is None:
        return passed("recording", "calls can be recorded now")
    hint = "mend the permissions of the file and its folder, or free some space"
    return failed("recording", f"nothing can be recorded: {state.not_writable}", hint=hint)


def check_opening(name: str, error: CodesessionError | None) -> Finding:
    """What came of opening the ledger as every command does."""
    if error is None:
        return passed("opening", f"{name} answers")
    hint = error.hint if error.hint and "cs doctor" not in error.hint else "see above for what is in the way"
    return failed("opening", error.message, hint=hint)


def check_recording(write: Callable[[], None]) -> Finding:
    """Whether a server lets its user write; `write` raises otherwise."""
    try:
        write()
    except CodesessionError as error:
        return failed("recording", f"nothing can be recorded: {error.message}", hint=error.hint)
    return passed("recording", "calls can be recorded now")


def check_privacy(paths: Iterable[Path]) -> Finding:
    """Nobody else may read what is ours."""
    if sys.platform == "win32":
        return passed("privacy", "left to the permissions of the user's folder")
    existing = [path for path in paths if path.exists()]
    open_ones = [path for path in existing if stat.S_IMODE(path.stat().st_mode) & _READERS]
    if not open_ones:
        return passed("privacy", f"{len(existing)} files and folders, readable by you alone")
    hint = "; ".join(f"chmod {'700' if path.is_dir() else '600'} {path}" for path in open_ones[:_SHOWN])
    return warned("privacy", f"others may read {', '.join(map(str, open_ones[:_SHOWN]))}", hint=hint)


def check_spool(spool: Spool, waited: int) -> list[Finding]:
    """Calls that could not be recorded. `waited`: how many there were before the ledger was opened just now."""
    findings = []
    waiting, rejected = spool.waiting(), spool.rejected()
    if waiting:
        hint = "they are recorded as soon as the ledger answers; see above for what is in the way"
        text = f"{waiting:,} calls wait in {spool.path}"
        findings.append(warned("spool", text, hint=hint, waiting=waiting))
    elif waited:
        findings.append(passed("spool", f"{waited:,} calls had to wait and were recorded just now", waiting=0))
    else:
        findings.append(passed("spool", "no call is waiting to be recorded", waiting=0))
    if rejected:
        text = f"{rejected:,} lines in {spool.rejects} could not be recorded and are no use to the ledger"
        findings.append(warned("rejects", text, hint="look at them, then delete the file", rejected=rejected))
    return findings


def check_prices(read: Callable[[], tuple[str, int | None, bool]]) -> Finding:
    """`read` gives version, age in days and whether that is too old; it raises for an unreadable file."""
    try:
        version, age, stale = read()
    except CodesessionError as error:
        return failed("prices", error.message, hint=error.hint)
    text = f"{version}" + ("" if age is None else f", {age} days old")
    facts: dict[str, Any] = {"version": version, "ageDays": age}
    if stale:
        return warned("prices", text, hint="newer ones: cs pricing update --newest", **facts)
    return passed("prices", text, **facts)


def check_costs(lacking: Lacking) -> list[Finding]:
    """Which calls have no cost, and why: a price can be set, usage that nobody told cannot."""
    if lacking.price:
        text, hint = "calls without a price", "cs pricing set MODEL INPUT OUTPUT, then cs pricing reprice"
        findings = [warned("unpriced", f"{text}: {_most(lacking.price)}", hint=hint, models=_names(lacking.price))]
    else:
        findings = [passed("unpriced", "no call in the ledger lacks a price", models=[])]
    if lacking.usage:
        text = "calls whose answer was cut, or told no usage"
        hint = "no price would help; `cs import` finds what the agent's own log knows of them"
        findings.append(warned("usage", f"{text}: {_most(lacking.usage)}", hint=hint, models=_names(lacking.usage)))
    return findings


def _most(models: Sequence[ModelCalls]) -> str:
    shown = ", ".join(f"{provider}/{model} ({calls:,})" for provider, model, calls in models[:_SHOWN])
    return shown + (f" and {len(models) - _SHOWN} more" if len(models) > _SHOWN else "")


def _names(models: Sequence[ModelCalls]) -> list[str]:
    return [f"{provider}/{model}" for provider, model, _ in models]


def check_git() -> Finding:
    """Sessions know their repository through it."""
    program = shutil.which("git")
    if program is None:
        return warned("git", "not found: sessions know no commits and files", hint="install git")
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return warned("git", f"{program} does not run: {reason(error)}", hint="mend or reinstall git")
    return passed("git", done.stdout.strip(), program=program)


def check_port(port: int) -> Finding:
    """Who listens where the proxy would."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LOCAL_TIMEOUT_S)
    facts: dict[str, Any] = {"port": port}
    try:
        connection.request("GET", "/health")
        health = json.loads(connection.getresponse().read(65536))
        running = isinstance(health, dict) and health.get("status") == "running"
    except ConnectionRefusedError:
        return passed("proxy", f"port {port} is free for `cs run` and `cs proxy`", running=False, **facts)
    except (OSError, http.client.HTTPException, ValueError):  # somebody listens who is no proxy of ours
        running = False
    finally:
        connection.close()
    if running:
        return passed("proxy", f"a proxy runs on port {port}", running=True, **facts)
    hint = "`cs run` takes a free port by itself; set [proxy] port in config.toml for `cs proxy`"
    return warned("proxy", f"port {port} is taken by another program", hint=hint, running=False, **facts)


def check_libraries() -> Finding:
    """What compressed answers need to be read."""
    missing = [name for name in ("brotli", "zstandard") if find_spec(name) is None]
    if not missing:
        return passed("compression", "gzip, brotli and zstd answers can be read", missing=[])
    hint = f"pip install {' '.join(missing)}; without it such answers pass unread and their calls are unpriced"
    return warned("compression", f"not installed: {', '.join(missing)}", hint=hint, missing=missing)


def check_agents(homes: Mapping[str, Sequence[Path]]) -> Finding:
    """Agents by the folders that they write to."""
    found = [agent for agent, folders in homes.items() if any(folder.exists() for folder in folders)]
    if not found:
        return passed("agents", "no agent was found on this machine", found=[])
    return passed("agents", f"there are {', '.join(found)}; `cs import` reads their logs", found=found)


def check_hooks(states: Mapping[str, Callable[[], HookState]]) -> list[Finding]:
    """Whether agents ask the budgets themselves; that they do not is no fault."""
    findings = []
    for agent, read in states.items():
        try:
            state = read()
        except CodesessionError as error:
            findings.append(warned("hooks", f"{agent}: {error.message}", hint=error.hint, agent=agent))
            continue
        words = "asks the budgets" if state.installed else f"does not ask the budgets (cs hooks install {agent})"
        findings.append(passed("hooks", f"{agent} {words}", agent=agent, installed=state.installed))
    return findings
