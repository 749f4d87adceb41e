"""
`python scripts/generate_reference.py` writes docs/reference/ from the code; with `--check` it says what is not current.

The pages are kept in the source tree, so that they can be read without building anything and a change of the interface
shows in review. A test runs `--check`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reference import commands, errors, http, keys, python_api, schema, settings

DOCS = Path(__file__).resolve().parents[1] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Every page by its path below docs/reference."""
    return {
        **commands.pages(),
        "python.md": python_api.page(),
        "settings.md": settings.page(),
        "json.md": keys.page(),
        "database.md": schema.page(),
        "errors.md": errors.page(),
        "http.md": http.page(),
    }


def main(arguments: list[str]) -> int:
    """Exit status 1 when `--check` finds a page that is missing, old, or nobody's."""
    wanted = {DOCS / name: text for name, text in pages().items()}
    there = set(DOCS.rglob("*.md"))
    if arguments == ["--check"]:
        old = {path for path, text in wanted.items() if path not in there or path.read_text("utf-8") != text}
        for path in sorted(old | (there - set(wanted))):
            sys.stderr.write(f"not current: {path.relative_to(DOCS.parents[1])}; run `make reference`\n")
        return 1 if old or there - set(wanted) else 0
    for path in there - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
