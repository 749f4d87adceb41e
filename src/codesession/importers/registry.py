"""
Which importers there are: the built-in ones, and those other packages offer.

A built-in one is `name -> module:attribute`; modules load when their agent is read. Other packages register a
class in the entry point group `codesession.importers`; a name of ours cannot be taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from codesession.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path

    from codesession.importers.base import Importer

GROUP = "codesession.importers"

BUILT_IN = {
    "openclaw": "codesession.importers.openclaw:OpenClaw",
    "qclaw": "codesession.importers.openclaw:QClaw",
    "gemini-cli": "codesession.importers.gemini:Gemini",
    "opencode": "codesession.importers.opencode:OpenCode",
    "kilo": "codesession.importers.opencode:Kilo",
    "mimocode": "codesession.importers.opencode:MimoCode",
    "qwen-code": "codesession.importers.qwen:Qwen",
    "copilot": "codesession.importers.copilot:Copilot",
    "pi": "codesession.importers.pi:Pi",
    "prime": "codesession.importers.pi:Prime",
    "omp": "codesession.importers.pi:Omp",
    "droid": "codesession.importers.droid:Droid",
    "cline": "codesession.importers.cline:Cline",
    "roo": "codesession.importers.cline:Roo",
    "kilo-code": "codesession.importers.cline:KiloCode",
    "kimi-cli": "codesession.importers.kimi:Kimi",
    "goose": "codesession.importers.goose:Goose",
    "amp": "codesession.importers.amp:Amp",
    "hermes": "codesession.importers.hermes:Hermes",
    "zed": "codesession.importers.zed:Zed",
    "cursor": "codesession.importers.cursor:Cursor",
    "trae": "codesession.importers.codex:Trae",
    "codex": "codesession.importers.codex:Codex",
    "iflow": "codesession.importers.claude_code:IFlow",
    "claude-code": "codesession.importers.claude_code:ClaudeCode",
}
"""In the order in which they are asked whether a file is theirs: those that recognise less come first."""

_FOLDERS = {
    ".claude": "claude-code",
    ".codex": "codex",
    ".openclaw": "openclaw",
    ".gemini": "gemini-cli",
    ".qwen": "qwen-code",
}

ALIASES = {
    "claude": "claude-code",
    "claudecode": "claude-code",
    "codex-cli": "codex",
    "clawdbot": "openclaw",
    "moltbot": "openclaw",
    "gemini": "gemini-cli",
    "qwen": "qwen-code",
    "copilot-cli": "copilot",
    "github-copilot": "copilot",
    "factory": "droid",
    "roo-code": "roo",
    "kilocode": "kilo-code",
    "kimi": "kimi-cli",
    "kimi-code": "kimi-cli",
}


def names() -> Iterator[str]:
    """Every agent whose logs can be read, the built-in ones first; others are only looked up when they are reached."""
    yield from BUILT_IN
    yield from sorted(set(_offered()) - set(BUILT_IN))


def names_for(paths: Iterable[Path]) -> Iterator[str]:
    """The same, but first those in whose usual folder a file lies: a hook's import then loads no other agent's code."""
    parts = {part for path in paths for part in path.parts}
    likely = [name for folder, name in _FOLDERS.items() if folder in parts]
    yield from likely
    yield from (name for name in names() if name not in likely)


def meant(name: str) -> str:
    """The name that calls of an agent have, by that name in any case or an alias; any other stays as it is."""
    key = ALIASES.get(name.lower(), name.lower())
    return key if key in BUILT_IN else name


def load(name: str) -> Importer:
    """A fresh importer by its name or an alias; raises `InvalidInputError` for an unknown one."""
    key = meant(name).lower()
    if key in BUILT_IN:
        module, _, attribute = BUILT_IN[key].partition(":")
        made: Importer = getattr(import_module(module), attribute)()
        return made
    offered = _offered().get(key)
    if offered is None:
        raise InvalidInputError(f'no importer for agent "{name}"', hint=f"there are {', '.join(names())}")
    try:
        foreign: Importer = offered.load()()
    except Exception as error:  # another package's code: whatever it raises is named, not a traceback
        raise InvalidInputError(f'the importer "{key}" of {offered.value} cannot be loaded: {error}') from error
    return foreign


def _offered() -> dict[str, EntryPoint]:
    return {point.name: point for point in _entry_points()}


def _entry_points() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # slow to import, and a hook's import rarely gets this far

    return entry_points(group=GROUP)
