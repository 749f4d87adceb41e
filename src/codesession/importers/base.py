"""
What an importer is, and what it reads from.

Adding an agent
    1. Make a folder `importers/<agent>/` with a README.md of format facts and a module that holds a class
       satisfying `Importer`. Parsers are per format: clones of an agent that share its format are further
       rows of a table of folders, not further parsers.
    2. `homes` names the folders the agent writes to, its own environment variables honoured; `files` lists the
       logs below a home, or below any folder a user points at with `--path` (a home, its inner folder, or a
       folder with the files directly in it).
    3. `recognises` tells from the path and the first kilobytes whether a file is of this format.
    4. `read` yields a `Sighting` per call. It never raises for what a file holds: `log.bad_line` counts what
       cannot be read. `log.lines(...)` gives only complete lines that hold one of the byte needles, from where
       the last pass stopped; what must survive to the next pass goes into `log.state` (JSON values).
       Formats that are rewritten as a whole (JSON, SQLite) set `appends = False`: any change re-reads them, and
       the keys of the calls make that harmless.
       An importer of logs with very many calls may have a method `plainly(log)` beside it, which hands out those
       that are plain as `PlainCall`s (`domain/plain.py`); `read` is the same with all of them as sightings.
    5. Register it in `registry.py`, or from another package through the entry point group `codesession.importers`
       (the value is the class; it is called without arguments).

Identity: `response_id` is the API's id where the log has it. Else `~<agent>:<facts>` from facts that every copy
of the call keeps (conversation, the agent's own message id, counters), never from a file's name or an offset.
Counts go into `TokenUsage` inclusive (prompt with cache, output with reasoning); unknown usage is a response
without parts, never zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from codesession.domain.facts import Protocol, fact, field
from codesession.domain.imports import AgentTotal
from codesession.domain.sighting import Conversation, Sighting
from codesession.importers import jsonl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

NAMED_BAD_LINES = 20
"""Unreadable lines named per file; the rest is only counted."""


@fact(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look for agents: the environment and the user's home."""

    environment: Mapping[str, str]
    home: Path
    platform: str = "linux"
    """`sys.platform`"""

    def variable(self, name: str) -> Path | None:
        """The folder an environment variable names."""
        value = self.environment.get(name, "").strip()
        return self._expand(value) if value else None

    def variables(self, name: str, separator: str = ",") -> list[Path]:
        """The folders an environment variable lists."""
        parts = (part.strip() for part in self.environment.get(name, "").split(separator))
        return [self._expand(part) for part in parts if part]

    def xdg_data(self) -> Path:
        """`$XDG_DATA_HOME`, by default `~/.local/share`."""
        return self.variable("XDG_DATA_HOME") or self.home / ".local" / "share"

    def xdg_config(self) -> Path:
        """`$XDG_CONFIG_HOME`, by default `~/.config`."""
        return self.variable("XDG_CONFIG_HOME") or self.home / ".config"

    def app_data(self) -> Path:
        """Where programs with windows keep their data: `~/.config`, but on Windows and macOS their own folders."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self.roaming() if self.platform == "win32" else self.xdg_config()

    def roaming(self) -> Path:
        """`%APPDATA%` of Windows."""
        return self.variable("APPDATA") or self.home / "AppData" / "Roaming"

    def local(self) -> Path:
        """`%LOCALAPPDATA%` of Windows."""
        return self.variable("LOCALAPPDATA") or self.home / "AppData" / "Local"

    def _expand(self, value: str) -> Path:
        return self.home / value[2:] if value == "~" or value.startswith("~/") else Path(value)


@fact(frozen=True, slots=True)
class BadLine:
    """A line that could not be read: its number from 1, and why."""

    number: int
    reason: str


def nothing_booked(_name: str) -> None:
    """A ledger that holds nothing."""


@fact(slots=True, kw_only=True)
class LogFile:
    """
    One pass over one log file.

    Before `Importer.read`: `path`, `root` (the home or the folder the user gave), `start` (where complete
    lines were read up to), `line_number` (of the last line before it) and `state` as the last pass left it.
    After it: the same fields say where the next pass begins.
    """

    path: Path
    root: Path
    start: int = 0
    line_number: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    first_ms: int | None = None
    """Time of the first line that has one; tells an original from a later copy with the same times."""
    want_prompts: bool = False
    """The user allowed prompt text in session names."""
    bad_lines: list[BadLine] = field(default_factory=list)
    bad_count: int = 0
    repeats: int = 0
    """Lines that repeated a call without being handed out as one, for importers that skip them."""
    cut_tail: bool = False
    """The last line has no end yet; the next pass reads it from its start."""
    conversations: dict[str, Conversation] = field(default_factory=dict)
    agent_totals: dict[str, AgentTotal] = field(default_factory=dict)
    """What the agent itself says of conversations, the newest of each."""
    booked: Callable[[str], str | None] = nothing_booked
    """What the ledger holds of a running total by name, whichever file it was read from (`importers.totals`)."""

    def lines(self, *needles: bytes) -> Iterator[bytes]:
        """
        Complete lines that hold one of the needles, without their ends; every line if there is no needle.

        The caller's position is always behind the line it was given: `line_number` is that line's number.
        """
        return jsonl.lines(self, needles)

    def pass_over(self, line: bytes) -> None:
        """Leave a line that says nothing of calls; one that is no JSON is counted as unreadable all the same."""
        if not jsonl.is_json(line):
            self.bad_line("broken JSON")

    def bad_line(self, reason: str, number: int | None = None) -> None:
        """Count a line that cannot be read: the current one unless another is named; a whole document is line 1."""
        self.bad_count += 1
        if len(self.bad_lines) < NAMED_BAD_LINES:
            self.bad_lines.append(BadLine((self.line_number or 1) if number is None else number, reason))

    def conversation(
        self,
        conversation_id: str,
        *,
        title: str | None = None,
        first_prompt: str | None = None,
        directory: str | None = None,
        git_branch: str | None = None,
        parent: str | None = None,
    ) -> None:
        """
        Note what the log says about a conversation: the newest title wins, the first of everything else.

        `parent` is the conversation that a sub-agent's one belongs to: both make one session.
        """
        known = self.conversations.get(conversation_id) or Conversation(id=conversation_id)
        self.conversations[conversation_id] = Conversation(
            id=conversation_id,
            title=title or known.title,
            first_prompt=known.first_prompt or first_prompt,
            directory=known.directory or directory,
            git_branch=known.git_branch or git_branch,
            parent=known.parent or parent,
        )


class Importer(Protocol):
    """Reads the logs of one agent. Made once per run, so it may remember files of a home between reads."""

    name: ClassVar[str]
    """What users type and the ledger keeps as `agent_name`: claude-code, codex, gemini, …"""
    title: ClassVar[str]
    """For people: Claude Code, Codex CLI, …"""
    appends: ClassVar[bool]
    """Files only grow by whole lines; False: any change means the file is read again as a whole."""
    companions: ClassVar[tuple[str, ...]]
    """Suffixes of files beside a log whose change is a change of the log: `-wal` for SQLite."""

    def homes(self, places: Places) -> list[Path]:
        """Folders this agent writes to on this machine, whether they exist or not."""

    def files(self, root: Path) -> Iterator[Path]:
        """Every log below a home or a folder the user named."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is a log of this format, by its path and its first `jsonl.HEAD` bytes."""

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls in the file that this pass has to read."""
