"""The built manual: complete, whole, current, and nothing in it is fetched from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codesession.cli.main import COMMANDS
from support.manual import ROOT

CONFIG = (ROOT / "mkdocs.yml").read_text("utf-8")
ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|source)[^>]*\ssrc=[\"']?(?:https?:)?//"
    r"|<link[^>]*rel=[\"']?(?:stylesheet|preconnect|icon|preload)[^>]*href=[\"']?(?:https?:)?//"
    r"|@import [\"'(]*(?:url\()?[\"']?(?:https?:)?//"
    r"|url\([\"']?(?:https?:)?//"
)
"""What a browser fetches by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual, built as `make docs` builds it; a warning fails it."""
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_the_reference_is_that_of_the_code() -> None:
    """`make reference` writes it."""
    script = ROOT / "scripts" / "generate_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_that_the_menu_leads_to(site: Path, name: str) -> None:
    """With its usage."""
    assert f"reference/cli/{name}.md" in CONFIG
    assert f"cs {name}" in (site / "reference" / "cli" / f"{name}.html").read_text("utf-8")


def test_every_page_is_in_the_menu() -> None:
    """A page nobody finds is no page."""
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not re.search(rf"\b{re.escape(page)}$", CONFIG, re.M)} == set()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No fonts, no scripts, no pictures of others: reading the manual tells nobody."""
    texts = [(path, path.read_text("utf-8")) for kind in ("*.html", "*.css") for path in site.rglob(kind)]
    assert len(texts) > 50
    assert [str(path) for path, text in texts if ELSEWHERE.search(text)] == []


def test_what_would_be_fetched_is_noticed() -> None:
    """The pattern above knows the ways in which themes do it."""
    for text in (
        '<link rel="stylesheet" href="https://fonts.example/css">',
        "<link rel=preconnect href=//fonts.example crossorigin>",
        '<script src="https://unpkg.example/shim"></script>',
        "@import url(https://fonts.example/x.css)",
    ):
        assert ELSEWHERE.search(text), text
    assert not ELSEWHERE.search('<a href="https://example.org"> <link rel="canonical" href="https://example.org">')


def test_links_of_readme_and_architecture_lead_somewhere() -> None:
    """Mkdocs looks at those inside docs/ only."""
    for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "skills/codesession/SKILL.md"):
        page = ROOT / name
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        local = [link for link in links if "://" not in link]
        assert [link for link in local if not (page.parent / link).exists()] == [], name
