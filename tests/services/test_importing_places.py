"""Where calls belong."""

from __future__ import annotations

from pathlib import Path

from codesession.domain.scope import Scope
from codesession.domain.sighting import Conversation
from codesession.services.importing.places import Repositories, plan
from codesession.services.repo import locate
from support.logs import NOON_MS


def test_a_directory_is_looked_up_once(tmp_path: Path) -> None:
    """A subfolder belongs to its repository; logs name the same few over and over."""
    for name in ("objects", "refs"):
        (tmp_path / ".git" / name).mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "src").mkdir()
    asked: list[Path] = []

    def counting(directory: Path) -> Scope:
        asked.append(directory)
        return locate(directory)

    repositories = Repositories(counting)
    for _ in range(3):
        assert repositories.of(str(tmp_path / "src")) == (str(tmp_path), str(tmp_path))
    assert len(asked) == 1


def test_a_directory_of_another_machine_stays_as_it_is() -> None:
    """It may be gone, or of another system; it never becomes a folder of this one."""
    repositories = Repositories(locate)
    assert repositories.of("C:\\exp\\app") == ("C:\\exp\\app", None)
    assert repositories.of("/no/such/folder") == ("/no/such/folder", None)
    assert repositories.of("relative") == ("relative", None)


def test_a_session_is_named_by_title_else_by_project_and_day() -> None:
    """Folders of any system; an unknown directory is named by its agent."""
    repositories = Repositories(locate)

    def name(**facts: str) -> str:
        return plan(
            Conversation(id="c", **facts),
            agent_name="codex",
            fallback="/logs",
            repositories=repositories,
        ).name_from(NOON_MS)

    assert name(title=" A\n title ") == "A title"
    assert name(directory="C:\\exp\\app\\") == "app 2026-03-01"
    assert name(directory="/no/such/app") == "app 2026-03-01"
    assert name() == "codex 2026-03-01"


def test_a_sub_agents_conversation_shares_its_parents_session() -> None:
    """Its own title does not rename the session."""
    found = plan(
        Conversation(id="child", parent="root", title="T"),
        agent_name="codex",
        fallback="/logs",
        repositories=Repositories(locate),
    )
    assert (found.conversation_id, found.titled) == ("root", False)
