"""
`cs`, `codesession` and `codesession-mcp` as installed.

Agents start `cs hook` for every prompt and tool, `cs statusline` for every redraw and `cs auto-log` after every turn:
these are served before anything of the command line is loaded.
"""

from __future__ import annotations

import gc
import os
import sys

_ANSWERING = frozenset(
    (
        *("hook", "statusline", "auto-log"),
        *("status", "note", "log-ai", "show", "list", "ls", "stats", "import"),
    )
)
"""Commands that agents and scripts start all the time: they answer, and leave neither a thread nor a file behind."""
_SELDOM = 50_000
"""New objects until garbage is looked for: what such a command loads it keeps, and looks through it for nothing."""

_INTERRUPTED = 130


def entry_point() -> None:
    """Run one command and exit with its status."""
    arguments = sys.argv[1:]
    answers = not _ANSWERING.isdisjoint(arguments[:1])
    if answers:
        gc.set_threshold(_SELDOM)
    try:
        status = run(arguments)
    except KeyboardInterrupt:  # while the command was still being loaded: later it answers Ctrl+C itself
        status = _INTERRUPTED
    if answers:
        _leave(status)
    sys.exit(status)


def mcp_entry_point() -> None:
    """`codesession-mcp`: `cs mcp` as a program of its own, with its options."""
    sys.argv[1:1] = ["mcp"]
    entry_point()


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    if arguments[:1] == ["hook"] and len(arguments) > 1 and not arguments[1].startswith("-"):
        from codesession.cli.quick_hook import answer

        return answer(arguments[1])
    if arguments == ["statusline"]:
        from codesession.cli.quick_statusline import print_line

        return print_line()
    if os.environ.get("_CS_COMPLETE"):
        from codesession.cli.completions import complete

        return complete()
    if arguments == ["auto-log"]:
        from codesession.cli.quick_auto_log import auto_log

        return auto_log()
    from codesession.cli.main import main

    return main(arguments)


def _leave(status: int) -> None:
    """End at once: to take apart all that was loaded can take longer than the command did, and nobody needs it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # nobody reads it any more; the status still tells an agent whether to stop
            continue
    os._exit(status)
