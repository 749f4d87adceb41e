"""Where calls belong: the repository of a directory that a log names, and the session a conversation becomes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from codesession.domain.imports import PlannedSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.domain.scope import Scope
    from codesession.domain.sighting import Conversation

_MAX_NAME = 200


class Repositories:
    """Repositories of directories, each looked up once. Logs name directories that may be gone, or elsewhere."""

    def __init__(self, locate: Callable[[Path], Scope]) -> None:
        self._locate = locate
        self._known: dict[str, tuple[str, str | None]] = {}

    def of(self, directory: str) -> tuple[str, str | None]:
        """Scope and git root of a directory; itself without a git root when it is not on this machine."""
        found = self._known.get(directory)
        if found is None:
            found = self._known[directory] = self._look(directory)
        return found

    def _look(self, directory: str) -> tuple[str, str | None]:
        path = Path(directory)
        if not path.is_absolute():
            return directory, None
        try:
            scope = self._locate(path)
        except (OSError, ValueError):  # another machine's path, or none at all
            return directory, None
        return str(scope.directory), None if scope.git_root is None else str(scope.git_root)


def plan(conversation: Conversation, *, agent_name: str, fallback: str, repositories: Repositories) -> PlannedSession:
    """The session for a conversation, named by its title, else by its project and day."""
    scope, git_root = repositories.of(conversation.directory) if conversation.directory else (fallback, None)
    title = conversation.title or conversation.first_prompt
    return PlannedSession(
        agent_name=agent_name,
        conversation_id=conversation.parent or conversation.id,
        name=" ".join(title.split())[:_MAX_NAME] if title else _folder(conversation, scope) or agent_name,
        titled=bool(title) and conversation.parent is None,
        dated=not title,
        directory=scope,
        git_root=git_root,
        git_branch=conversation.git_branch,
    )


def _folder(conversation: Conversation, scope: str) -> str:
    return _last(scope) if conversation.directory else ""


@lru_cache(256)
def _last(scope: str) -> str:
    return re.split(r"[\\/]", scope.rstrip("\\/"))[-1]
