"""
`cs` and `codesession` as installed.

Agents start `cs hook` for every prompt and tool, `cs statusline` for every redraw and `cs auto-log` after every turn:
these are served before anything of the command line is loaded.
"""

from __future__ import annotations

import os
import sys


def entry_point() -> None:
    """Run one command and exit with its status."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
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
