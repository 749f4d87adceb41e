"""
`cs` and `codesession` as installed.

Agents start `cs hook` for every prompt and tool, `cs statusline` for every redraw and `cs auto-log` after every turn:
these are served before anything of the command line is loaded.
"""

from __future__ import annotations

import gc
import os
import sys

_SELDOM = 50_000
"""New objects until garbage is looked for: what a quick command loads it keeps, and looks through it for nothing."""


def entry_point() -> None:
    """Run one command and exit with its status."""
    arguments = sys.argv[1:]
    status = run_quick(arguments)
    if status is not None:
        _leave(status)
    if os.environ.get("_CS_COMPLETE"):
        from codesession.cli.completions import complete

        sys.exit(complete())
    from codesession.cli.main import main

    sys.exit(main(arguments))


def run_quick(arguments: list[str]) -> int | None:
    """Run a command that needs nothing of the command line; None for any other."""
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM)
    if arguments[:1] == ["hook"] and len(arguments) > 1 and not arguments[1].startswith("-"):
        from codesession.cli.quick_hook import answer

        return answer(arguments[1])
    if arguments == ["statusline"]:
        from codesession.cli.quick_statusline import print_line

        return print_line()
    if arguments == ["auto-log"]:
        from codesession.cli.quick_auto_log import auto_log

        return auto_log()
    gc.set_threshold(*usual)
    return None


def _leave(status: int) -> None:
    """End at once: to take apart all that was loaded can take longer than the command did, and nobody needs it."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:  # nobody reads us any more: the interpreter knows how to end then
        sys.exit(status)
    os._exit(status)
