"""
`cs` and `codesession` as installed.

Agents start `cs hook` for every prompt and tool and `cs statusline` for every redraw: these two are served before
anything of the command line is loaded.
"""

from __future__ import annotations

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
    from codesession.cli.main import main

    return main(arguments)
