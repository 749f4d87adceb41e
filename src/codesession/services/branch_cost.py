"""
What the work on a branch cost: for the reviewers of a pull request.

A session counts, whole, when it made one of the branch's commits, on whatever machine; or when it began on the
branch, since it left its base, in this folder or in one that a session of its commits was in. Where HEAD is detached,
as CI checks out, sessions of this folder that began so count too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codesession.domain.report import Share, UsageTotals
from codesession.errors import InvalidInputError, UnavailableError
from codesession.services.repo.gitdir import locate
from codesession.services.repo.process import Git, GitError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codesession.domain.session import Session
    from codesession.store.base import Store

_PATIENCE_S = 30.0
_MOST_COMMITS = 10_000
_NONE_FOUND = frozenset({0, 1, 128})
"""git rev-parse --verify and symbolic-ref say by their exit status that there is no such name."""


class BranchStore(Protocol):
    """What this asks of a ledger. Raises `StorageError`."""

    def sessions_with_commits(self, commits: Sequence[str]) -> list[Session]:
        """Sessions, on whatever machine, that made one of the commits (full names)."""

    def sessions_on_branch(
        self, directories: Iterable[str], branch: str, *, since_ms: int, detached: bool
    ) -> list[Session]:
        """Sessions of some folders that began on a branch since a moment; `detached` adds those on none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchCost:
    """A branch, its sessions, and what they come to."""

    branch: str | None
    base: str
    merge_base: str
    commits: tuple[str, ...]
    """Newest first."""
    sessions: tuple[Session, ...]
    """Oldest first."""
    models: tuple[Share, ...]
    """Dearest first. Of a part only calls, those unpriced or at list price, tokens and cost are counted."""
    totals: UsageTotals


class BranchCosts:
    """Finds the sessions of a branch. Belongs to one thread, as its stores."""

    def __init__(self, branches: BranchStore, store: Store, environment: Mapping[str, str]) -> None:
        self._branches = branches
        self._store = store
        self._environment = environment

    def of(self, directory: Path, *, base: str | None = None) -> BranchCost:
        """The branch that is checked out in a folder against its base; raises `InvalidInputError`."""
        root = locate(directory).git_root
        if root is None:
            raise InvalidInputError(f"{directory} is in no git repository", hint="go into the one of the pull request")
        git = Git(root, timeout=_PATIENCE_S)
        try:
            return self._of(git, base)
        except GitError as error:
            raise UnavailableError(str(error)) from error

    def _of(self, git: Git, base: str | None) -> BranchCost:
        checked_out = _line(git, "symbolic-ref", "--quiet", "--short", "HEAD")
        branch = checked_out or self._environment.get("GITHUB_HEAD_REF")
        base, tip = self._base(git, base)
        merge_base = _line(git, "merge-base", tip, "HEAD")
        if merge_base is None:
            hint = "fetch the history: in GitHub Actions, actions/checkout with fetch-depth: 0"
            raise InvalidInputError(f"HEAD and {base} have no common commit here", hint=hint)
        commits = git.run("rev-list", f"--max-count={_MOST_COMMITS}", f"{merge_base}..HEAD").decode().split()
        since_ms = int(git.run("show", "--no-patch", "--format=%ct", merge_base)) * 1000
        found = {each.id: each for each in self._branches.sessions_with_commits(commits)}
        if branch is not None and commits:
            folders = {str(git.root), *(each.directory for each in found.values())}
            on_branch = self._branches.sessions_on_branch(
                sorted(folders), branch, since_ms=since_ms, detached=checked_out is None
            )
            found |= {each.id: each for each in on_branch}
        sessions = tuple(sorted(found.values(), key=lambda each: (each.started_at_ms, each.id)))
        return BranchCost(
            branch=branch,
            base=base,
            merge_base=merge_base,
            commits=tuple(commits),
            sessions=sessions,
            models=self._models(sessions),
            totals=UsageTotals.total(UsageTotals.of_session(each) for each in sessions),
        )

    def _base(self, git: Git, asked: str | None) -> tuple[str, str]:
        """The base as it is called, and its commit."""
        named = self._environment.get("GITHUB_BASE_REF")
        likely = (
            [f"origin/{named}", named] if named else ["origin/HEAD", "origin/main", "origin/master", "main", "master"]
        )
        for name in [asked] if asked else likely:
            if name and (commit := _line(git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^0")):
                return name, commit
        what = f"there is no {asked!r} here" if asked else "the base of this branch is not known"
        raise InvalidInputError(what, hint="name it: cs ci report --base origin/main (fetch it first)")

    def _models(self, sessions: Sequence[Session]) -> tuple[Share, ...]:
        parts: defaultdict[tuple[str, str], UsageTotals] = defaultdict(UsageTotals)
        for session in sessions:
            for total in self._store.model_totals(session.id):
                parts[total.provider_name, total.model] += UsageTotals(
                    requests=total.requests,
                    unpriced_requests=total.unpriced_requests,
                    list_price_requests=total.list_price_requests,
                    total_tokens=total.total_tokens,
                    cost_picousd=total.cost_picousd,
                )
        shares = [Share(name=model, provider=provider, totals=part) for (provider, model), part in parts.items()]
        return tuple(sorted(shares, key=lambda each: (-each.totals.cost_picousd, -each.totals.total_tokens, each.name)))


def _line(git: Git, *arguments: str) -> str | None:
    """What git says in one line; None when there is nothing of that name."""
    return git.run(*arguments, accepted=_NONE_FOUND).decode("utf-8", "backslashreplace").strip() or None
