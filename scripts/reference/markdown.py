"""The little Markdown that the pages need."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

_WIDTH = 120


def document(title: str, intro: str, *parts: str) -> str:
    """A whole page."""
    found = [f"# {title}", inspect.cleandoc(intro).strip(), *parts]
    return "\n\n".join(part for part in found if part).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; nothing at all without rows."""
    lines = [_row(cells) for cells in rows]
    return "\n".join([_row(head), "|" + "---|" * len(head), *lines]) if lines else ""


def code(text: str) -> str:
    """Text as it is written in a program or typed."""
    return f"`{text}`" if text else ""


def fenced(text: str, language: str = "text") -> str:
    """A block that no test runs: it describes, it is not typed."""
    return f"```{language}\n{text}\n```"


def prose(docstring: str | None) -> str:
    """The words of a docstring: paragraphs, with its own indented blocks fenced."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(docstring or "").strip())
    return "\n\n".join(
        fenced(inspect.cleandoc(each), "python") if each.startswith("    ") else each for each in paragraphs
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _cell(text: str) -> str:
    """A bar inside code ends a cell for some renderers and shows its backslash in others: this is one for all."""
    line = " ".join(text.split())
    line = re.sub(r"`([^`]*\|[^`]*)`", lambda found: f"<code>{_as_html(found[1])}</code>", line)
    return line.replace("|", "&#124;")


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
