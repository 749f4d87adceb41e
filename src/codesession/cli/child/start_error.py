"""Why a command did not start, in the words and with the exit status of a shell (POSIX XCU 2.8.2)."""

from __future__ import annotations

import errno
import shlex
from pathlib import Path

from codesession.errors import CodesessionError

NOT_FOUND = 127
NOT_EXECUTABLE = 126


class CommandNotStartedError(CodesessionError):
    """The wrapped command could not be started; `exit_status` is 127 when it is not there, else 126."""

    code = "command_not_started"

    def __init__(self, message: str, *, exit_status: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.exit_status = exit_status


def not_started(command: str, error: OSError) -> CommandNotStartedError:
    """Translate what the system said about starting `command` (the first argument, as given)."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _not_found(command)
    if error.errno == errno.ENOEXEC:
        return CommandNotStartedError(
            f"{command}: not a program for this machine",
            exit_status=NOT_EXECUTABLE,
            hint="a script needs a first line such as #!/bin/sh, or name its interpreter: cs run sh SCRIPT",
        )
    if error.errno == errno.EACCES:
        return _not_executable(command)
    reason = (error.strerror or str(error)).lower()
    return CommandNotStartedError(f"{command}: {reason}", exit_status=NOT_EXECUTABLE)


def _not_found(command: str) -> CommandNotStartedError:
    import shutil  # Costs 9 ms, on the way of no command that starts.

    found = shutil.which(command)
    if found is not None:
        return CommandNotStartedError(
            f"{command}: the interpreter that {found} asks for is not there",
            exit_status=NOT_FOUND,
            hint=f"look at the first line of {found}",
        )
    return CommandNotStartedError(f"{command}: command not found", exit_status=NOT_FOUND, hint=_where_else(command))


def _where_else(command: str) -> str:
    """The likeliest slip behind a name that is no program."""
    quoted = shlex.quote(command)
    if " " in command:
        return f"the command is one word per argument; for a whole shell line use: cs run sh -c {quoted}"
    if "/" in command:
        return "no file has this path"
    if Path(command).is_file():
        return f"it is in this directory: cs run ./{quoted}"
    return f"is it installed and on PATH? An alias or function needs its shell: cs run bash -ic {quoted}"


def _not_executable(command: str) -> CommandNotStartedError:
    if Path(command).is_dir():
        return CommandNotStartedError(f"{command}: is a directory", exit_status=NOT_EXECUTABLE)
    hint = f"make it executable: chmod +x {command}" if Path(command).is_file() else None
    return CommandNotStartedError(f"{command}: permission denied", exit_status=NOT_EXECUTABLE, hint=hint)
