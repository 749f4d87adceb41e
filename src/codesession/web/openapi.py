"""
`python -m codesession.web.openapi FILE` writes the API's description; with `--check` it says whether FILE is current.

The page's client is generated from that file, so it is kept in the source tree and reviewed like code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def document() -> str:
    """The description as it is kept."""
    from codesession.web.application import create_api

    return json.dumps(create_api().openapi(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Exit status 1 when `--check` finds an old file, 2 for misuse."""
    files = [argument for argument in arguments if argument != "--check"]
    if len(files) != 1:
        sys.stderr.write("usage: python -m codesession.web.openapi [--check] FILE\n")
        return 2
    file, wanted = Path(files[0]), document()
    if "--check" not in arguments:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted, "utf-8")
        return 0
    if file.exists() and file.read_text("utf-8") == wanted:
        return 0
    sys.stderr.write(f"{file} is not current: python -m codesession.web.openapi {file}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
