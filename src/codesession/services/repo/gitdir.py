"""
Find a repository and read its HEAD without starting git.

Discovery follows gitrepository-layout(5) and git's setup.c: the innermost `.git` folder or file wins, a folder
that is no repository is passed over, a `.git` file that leads nowhere and a bare repository end the search.
"""

from __future__ import annotations

import os
from pathlib import Path

from codesession.domain.scope import Scope

_HEX_LENGTHS = (40, 64)
"""Characters of a SHA-1 and a SHA-256 object name."""
_MAX_SYMREFS = 5
"""As many symbolic refs git itself follows."""


def locate(directory: Path) -> Scope:
    """The git root of a directory, by `GIT_DIR` and `GIT_WORK_TREE` or by walking up; else the directory."""
    here = Path(os.path.realpath(directory))
    root = _root_by_environment(here) if os.environ.get("GIT_DIR") else _discover(here)
    return Scope(directory=root or here, git_root=root)


def named_git_dir(git_root: Path) -> Path | None:
    """The repository that `GIT_DIR` names, when this git root is its work tree and does not lead there itself."""
    if not os.environ.get("GIT_DIR") or _root_by_environment(git_root) != git_root:
        return None
    named = Path(os.path.realpath(_followed(git_root / os.environ["GIT_DIR"])))
    own = _git_dir_at(git_root)
    return None if own is not None and named == Path(os.path.realpath(own)) else named


def git_dir_of(git_root: Path, named: str | None = None) -> Path | None:
    """The repository folder of a git root, None when there is none (any more)."""
    if named is not None:
        return Path(named) if _is_git_dir(Path(named)) else None
    return named_git_dir(git_root) or _git_dir_at(git_root)


def current_head(git_root: Path) -> str | None:
    """
    The commit that HEAD points to, None before the first one or when it cannot be read.

    Reads two small files; only a repository whose refs are no files (reftable) costs a git process.
    """
    git_dir = git_dir_of(git_root)
    if git_dir is None:
        return None
    common = common_dir(git_dir)
    if (common / "reftable").is_dir():
        return _head_from_git(git_root)
    name = "HEAD"
    for _ in range(_MAX_SYMREFS):
        value = _ref_value(git_dir, common, name)
        if value is None or not value.startswith("ref:"):
            return value if value is not None and _is_object_name(value) else None
        name = value[4:].strip()
    return None


def common_dir(git_dir: Path) -> Path:
    """The folder that a linked worktree shares with its main repository; otherwise the folder itself."""
    shared = _read(git_dir / "commondir")
    return git_dir / shared.strip() if shared else git_dir


def reflog_length(git_dir: Path) -> int | None:
    """How many entries HEAD's reflog has; None when it is no file."""
    try:
        return (git_dir / "logs" / "HEAD").read_bytes().count(b"\n")
    except FileNotFoundError:
        return None if (common_dir(git_dir) / "reftable").is_dir() else 0
    except OSError:
        return None  # unreadable: entries are then told apart by their times


def _discover(here: Path) -> Path | None:
    ceilings = {os.path.realpath(p) for p in os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep) if p}
    device = _device(here)
    for folder in (here, *here.parents):
        if folder != here and (str(folder) in ceilings or _device(folder) != device):
            return None
        dot_git = folder / ".git"
        if os.path.isfile(dot_git):
            git_dir = _git_dir_at(folder)
            return _work_tree(git_dir, folder) if git_dir else None
        if _is_git_dir(dot_git):
            return _work_tree(dot_git, folder)
        if _is_git_dir(folder):
            return None
    return None


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev
    except OSError:
        return None  # a folder that is not there (yet) is on no other device either


def _root_by_environment(here: Path) -> Path | None:
    git_dir = _followed(here / os.environ["GIT_DIR"])
    if not _is_git_dir(git_dir):
        return None
    if work_tree := os.environ.get("GIT_WORK_TREE"):
        return Path(os.path.realpath(here / work_tree))
    return _work_tree(git_dir, here)


def _git_dir_at(folder: Path) -> Path | None:
    git_dir = _followed(folder / ".git")
    return git_dir if _is_git_dir(git_dir) else None


def _followed(dot_git: Path) -> Path:
    """Where a `.git` file points to (`gitdir: PATH`); a folder is itself."""
    text = _read(dot_git)
    return dot_git.parent / text[len("gitdir:") :].strip() if text and text.startswith("gitdir:") else dot_git


def _is_git_dir(folder: Path) -> bool:
    head = _read(folder / "HEAD")
    if head is None or not (head.startswith("ref:") or _is_object_name(head.strip())):
        return False
    common = common_dir(folder)
    return (common / "refs").is_dir() and (common / "objects").is_dir()


def _work_tree(git_dir: Path, default: Path) -> Path | None:
    """Where the files are: `core.worktree`, nowhere when `core.bare`, else the default."""
    if (git_dir / "commondir").exists():
        return default  # a linked worktree ignores both settings, which are the main repository's
    core = _core_settings(git_dir / "config")
    if "worktree" in core:
        return Path(os.path.realpath(git_dir / core["worktree"]))
    return None if core.get("bare") in ("true", "yes", "on", "1") else default


def _core_settings(config: Path) -> dict[str, str]:
    settings: dict[str, str] = {}
    section = ""
    for line in (_read(config) or "").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.lower()
        elif section == "[core]" and "=" in line:
            key, _, value = line.partition("=")
            value = value.strip().strip('"')
            settings[key.strip().lower()] = value.lower() if value.lower() in ("true", "yes", "on") else value
    return settings


def _ref_value(git_dir: Path, common: Path, name: str) -> str | None:
    """What a ref holds: an object name or `ref: other`."""
    for folder in (git_dir, common):
        if text := _read(folder / name):
            return text.strip()
    packed = _read(common / "packed-refs")
    if packed is None or (end := packed.find(f" {name}\n")) < 0:
        return None
    return packed[packed.rfind("\n", 0, end) + 1 : end]


def _is_object_name(text: str) -> bool:
    return len(text) in _HEX_LENGTHS and all(c in "0123456789abcdef" for c in text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError:
        return None  # missing, a folder or unreadable: for git, too, it then says nothing


def _head_from_git(git_root: Path) -> str | None:
    from codesession.services.repo.process import Git, GitError

    try:
        return Git(git_root, timeout=5).run("rev-parse", "--verify", "--quiet", "HEAD^0").decode().strip() or None
    except GitError:
        return None  # no commit yet, or git cannot say: the poller asks again
