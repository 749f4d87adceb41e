"""The commands, from click: a page for each, and one that lists them."""

from __future__ import annotations

import re

from codesession.app import App
from codesession.cli.main import ALIASES, COMMANDS, cli
from codesession.web.answers.help import help_of_commands
from codesession.web.schemas.system import HelpCommand, HelpOption
from reference.markdown import code, document, fenced, table


def pages() -> dict[str, str]:
    """By path below docs/reference."""
    found = help_of_commands(App({"HOME": "/nowhere"}), cli).commands
    return {"cli/index.md": _list(found), **{f"cli/{_short(each)}.md": _page(each) for each in found}}


def _list(found: list[HelpCommand]) -> str:
    rows = [(f"[`{each.name}`]({_short(each)}.md)", COMMANDS[_short(each)][1]) for each in found]
    aliases = ", ".join(f"`cs {alias}` for `cs {name}`" for alias, name in ALIASES.items())
    intro = f"""
        `cs` is also installed as `codesession`. `cs COMMAND --help` says what these pages say. Short: {aliases}.

        With `--json` a command prints one JSON value on stdout ([keys](../json.md)) and an error is JSON too
        ([codes](../errors.md)). Words, progress and warnings go to stderr.
        """
    return document("Commands", intro, table(["command", "does"], rows))


def _page(command: HelpCommand) -> str:
    parts = [_body(command)]
    for inner in command.commands:
        parts.append(f"## `{inner.name}`")
        parts.append(_body(inner))
    return document(command.name, "", *parts)


def _body(command: HelpCommand) -> str:
    options = [each for each in command.options if _is_option(each)]
    usage = command.usage.replace("[OPTIONS]", "[OPTIONS]" if options else "").replace("  ", " ").strip()
    parts = [_escaped(command.text), fenced(usage)]
    rows = [(_names(each), _text(each)) for each in options]
    if rows:
        parts.append(table(["option", "means"], rows))
    return "\n\n".join(part for part in parts if part)


def _is_option(option: HelpOption) -> bool:
    return option.names[0].startswith("-")


def _names(option: HelpOption) -> str:
    value = option.value or ""
    value = value if value.startswith("[") else re.sub(r"\s+RANGE", "", value)
    short = [code(name) for name in option.names if not name.startswith("--")]
    long = [code(f"{name} {value}".strip()) for name in option.names if name.startswith("--")]
    return ", ".join([*short, *long])


def _text(option: HelpOption) -> str:
    default = f" Default: `{option.default}`." if option.default not in (None, "False") else ""
    required = " Required." if option.required else ""
    return _escaped(option.help) + required + default


def _escaped(words: str) -> str:
    """Help as Markdown: an angle bracket is no HTML, a star no emphasis."""
    return words.replace("<", "&lt;").replace("*", "\\*")


def _short(command: HelpCommand) -> str:
    return command.name.removeprefix("cs ")
