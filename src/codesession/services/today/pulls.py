"""Open pull requests, asked of GitHub's own program `gh` where it is installed. Never more than two seconds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codesession.domain.today import PullRequest
from codesession.errors import reason
from codesession.services.repo.gitdir import common_dir, git_dir_of

PATIENCE_S = 2.0
"""The look at everything else takes less than a second; a slow network must not turn it into a wait."""
_FIELDS = "number,title,url,headRefName,author,isDraft,reviewDecision"
_MOST = "20"
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1", "GH_PAGER": "cat"}


class PullsError(Exception):
    """The host could not be asked; the text is for people."""


def has_host(git_root: Path, environment: Mapping[str, str]) -> bool:
    """Whether a remote leads to GitHub (or to `GH_HOST`), so that starting `gh` can tell something."""
    git_dir = git_dir_of(git_root)
    if git_dir is None:
        return False
    try:
        config = (common_dir(git_dir) / "config").read_text("utf-8", "replace")
    except OSError:
        return False  # git reads no remotes from it either
    hosts = ("github", environment.get("GH_HOST") or "github")
    return any(host in line for line in config.splitlines() if line.strip().startswith("url") for host in hosts)


def open_pulls(gh: str, git_root: Path, *, patience_s: float = PATIENCE_S) -> tuple[PullRequest, ...]:
    """Newest first; raises `PullsError`. Files take the output: no grandchild can hold a pipe open."""
    import subprocess
    from tempfile import TemporaryFile

    command = [gh, "pr", "list", "--state", "open", "--limit", _MOST, "--json", _FIELDS]
    with TemporaryFile() as out, TemporaryFile() as err:
        try:
            done = subprocess.run(
                command,
                cwd=git_root,
                env={**os.environ, **_QUIET},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=patience_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PullsError(f"gh did not answer within {patience_s:g} s") from error
        except OSError as error:
            raise PullsError(f"gh cannot be started: {reason(error)}") from error
        out.seek(0)
        err.seek(0)
        if done.returncode:
            lines = err.read(2_000).decode("utf-8", "replace").strip().splitlines()
            raise PullsError(f"gh: {lines[0] if lines else f'exit status {done.returncode}'}")
        return parse_pulls(out.read())


def parse_pulls(text: bytes) -> tuple[PullRequest, ...]:
    """What `gh pr list --json` prints; raises `PullsError`."""
    try:
        return tuple(_pull(each) for each in json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PullsError("gh answered with something else than pull requests") from error


def _pull(given: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        number=int(given["number"]),
        title=str(given["title"]),
        url=str(given["url"]),
        branch=str(given["headRefName"]),
        author=(given.get("author") or {}).get("login"),
        is_draft=bool(given.get("isDraft")),
        review=given.get("reviewDecision") or None,
    )
