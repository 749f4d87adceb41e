"""
A real installation to measure: a wheel in a virtual environment of its own, with compiled bytecode.

A checkout is not what users run: an editable install and `PYTHONDONTWRITEBYTECODE` both make starting slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Installation:
    """Where the measured commands are."""

    python: str
    cs: str
    environment: dict[str, str]
    folder: Path
    """For ledgers and repositories: empty at the beginning of a run of the benchmarks, gone at its end."""

    @classmethod
    def prepare(cls, folder: Path) -> Installation:
        """Install this checkout; the virtual environment is kept between runs, the package is renewed."""
        venv = HOME / "venv"
        python = venv / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, ROOT], check=True)
        subprocess.run([*install, "--no-deps", "--force-reinstall", ROOT], check=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODESESSION_", "PYTHON"))}
        return cls(
            python=str(python),
            cs=str(venv / "bin" / "cs"),
            environment={**kept, "HOME": str(folder), "NO_COLOR": "1"},
            folder=folder,
        )

    def repository(self, name: str) -> str:
        """A fresh git repository with one commit."""
        path = self.folder / name
        path.mkdir(parents=True)
        git = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
        subprocess.run([*git, "init", "--quiet"], cwd=path, check=True)
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "Begin"], cwd=path, check=True)
        return str(path)

    def baseline(self) -> list[str]:
        """What starting is compared with: the interpreter and the two modules nobody can do without."""
        return [self.python, "-c", "import sqlite3, json"]
