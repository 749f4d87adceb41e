"""
Which importers there are: the built-in ones, and those other packages offer.

A built-in one is `name -> module:attribute`; modules load when their agent is read. Other packages register a
class in the entry point group `codesession.importers`; a name of ours cannot be taken over.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.importers.base import Importer

GROUP = "codesession.importers"

BUILT_IN = {
    "openclaw": "codesession.importers.openclaw:OpenClaw",
    "qclaw": "codesession.importers.openclaw:QClaw",
    "gemini": "codesession.importers.gemini:Gemini",
    "opencode": "codesession.importers.opencode:OpenCode",
    "kilo": "codesession.importers.opencode:Kilo",
    "mimocode": "codesession.importers.opencode:MimoCode",
    "qwen": "codesession.importers.qwen:Qwen",
    "copilot": "codesession.importers.copilot:Copilot",
    "pi": "codesession.importers.pi:Pi",
    "prime": "codesession.importers.pi:Prime",
    "omp": "codesession.importers.pi:Omp",
    "droid": "codesession.importers.droid:Droid",
    "cline": "codesession.importers.cline:Cline",
    "roo": "codesession.importers.cline:Roo",
    "kilo-code": "codesession.importers.cline:KiloCode",
    "kimi": "codesession.importers.kimi:Kimi",
    "goose": "codesession.importers.goose:Goose",
    "amp": "codesession.importers.amp:Amp",
    "trae": "codesession.importers.codex:Trae",
    "codex": "codesession.importers.codex:Codex",
    "iflow": "codesession.importers.claude_code:IFlow",
    "claude-code": "codesession.importers.claude_code:ClaudeCode",
}
"""In the order in which they are asked whether a file is theirs: those that recognise less come first."""

ALIASES = {
    "claude": "claude-code",
    "claudecode": "claude-code",
    "codex-cli": "codex",
    "clawdbot": "openclaw",
    "moltbot": "openclaw",
    "gemini-cli": "gemini",
    "qwen-code": "qwen",
    "copilot-cli": "copilot",
    "github-copilot": "copilot",
    "factory": "droid",
    "roo-code": "roo",
    "kilocode": "kilo-code",
    "kimi-cli": "kimi",
    "kimi-code": "kimi",
}


def names() -> list[str]:
    """Every agent whose logs can be read, the built-in ones first."""
    return [*BUILT_IN, *sorted(set(_offered()) - set(BUILT_IN))]


def load(name: str) -> Importer:
    """A fresh importer by its name or an alias; raises `InvalidInputError` for an unknown one."""
    key = ALIASES.get(name.lower(), name.lower())
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
    return {point.name: point for point in entry_points(group=GROUP)}
