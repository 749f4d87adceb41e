"""What ships: wheels and sdists carry the page, and a build without one makes it or says why it could not."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hatchling.builders.wheel import WheelBuilder

from support.dashboards import ROOT, STATIC, needed

NPM_THAT_BUILDS = f"""#!{sys.executable}
import pathlib, sys
with pathlib.Path("asked").open("a") as asked:
    asked.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1:] == ["run", "build"]:
    page = pathlib.Path("../src/codesession/web/static/index.html")
    page.parent.mkdir(parents=True)
    page.write_text("the page")
"""
NPM_THAT_FAILS = f"""#!{sys.executable}
import sys
sys.exit("no such host")
"""


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """`scripts/build_page.py`, as hatchling loads it: by its path."""
    spec = spec_from_file_location("build_page", ROOT / "scripts" / "build_page.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree without a page, on a machine without Node."""
    (tmp_path / "dashboard").mkdir()
    (tmp_path / "dashboard" / "package.json").write_text("{}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "nowhere"))
    monkeypatch.delenv("CODESESSION_PAGE", raising=False)
    return tmp_path


def with_npm(clone: Path, script: str) -> None:
    npm = clone / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(script)
    npm.chmod(0o755)


def hook_of(module: ModuleType, clone: Path) -> tuple[object, list[str]]:
    """The hook as a wheel's build has it, and what it warns of."""
    warned: list[str] = []
    made = module.BuildPage(str(clone), {}, None, None, str(clone / "dist"), "wheel")
    made.app.display_warning = warned.append
    return made, warned


def test_a_clone_without_a_page_gets_one(hook: ModuleType, clone: Path) -> None:
    """What the lock file says is installed, then the page is built; Node is not asked for where it is there."""
    with_npm(clone, NPM_THAT_BUILDS)
    made, warned = hook_of(hook, clone)

    assert made.dependencies() == []
    made.initialize("standard", {})

    assert (clone / hook.PAGE).read_text() == "the page"
    assert (clone / "dashboard" / "asked").read_text() == "ci --no-audit --no-fund\nrun build\n"
    assert warned == []


def test_a_page_that_is_there_is_not_built_again(hook: ModuleType, clone: Path) -> None:
    """Nothing is needed and nothing is run."""
    (clone / hook.PAGE).parent.mkdir(parents=True)
    (clone / hook.PAGE).write_text("built before")
    made, warned = hook_of(hook, clone)

    made.initialize("standard", {})

    assert (made.dependencies(), warned) == ([], [])
    assert (clone / hook.PAGE).read_text() == "built before"


def test_a_checkout_is_left_to_make(hook: ModuleType, clone: Path) -> None:
    """An editable installation does not wait for a page."""
    made, warned = hook_of(hook, clone)

    made.initialize("editable", {})

    assert not (clone / hook.PAGE).exists() and warned == []


def test_without_node_the_build_asks_for_the_one_of_pypi(hook: ModuleType, clone: Path) -> None:
    """Build front ends install what a hook asks for before they call it."""
    made, warned = hook_of(hook, clone)

    assert made.dependencies() == [hook.NODE]
    made.initialize("standard", {})

    assert "there is no npm" in warned[0] and "built without it" in warned[0]


def test_a_build_that_fails_says_why_and_goes_on(
    hook: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands work without a page; a release does not go out without one."""
    with_npm(clone, NPM_THAT_FAILS)
    made, warned = hook_of(hook, clone)
    made.initialize("standard", {})

    assert "npm ci --no-audit --no-fund failed\nno such host" in warned[0]
    monkeypatch.setenv("CODESESSION_PAGE", "require")
    with pytest.raises(RuntimeError, match="no such host"):
        made.initialize("standard", {})


def test_skipping_does_not_try(hook: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the page is not wanted, no Node is asked for either."""
    monkeypatch.setenv("CODESESSION_PAGE", "skip")
    made, warned = hook_of(hook, clone)
    made.initialize("standard", {})

    assert (made.dependencies(), warned) == ([], [])


def test_hatchling_calls_the_hook() -> None:
    """It is declared where hatchling looks for it."""
    assert "custom" in WheelBuilder(str(ROOT)).config.hook_config


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_ships_carries_the_page(built: Path, tmp_path: Path, kind: str) -> None:
    """Who installs either needs no Node; of the source, what others made is left out."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = tmp_path.iterdir()
    if kind == "wheel":
        names = set(zipfile.ZipFile(made).namelist())
        prefix = ""
    else:
        with tarfile.open(made) as archive:
            names = set(archive.getnames())
        prefix = f"{made.name.removesuffix('.tar.gz')}/src/"
    shipped = {
        f"{prefix}codesession/web/static/{path.relative_to(STATIC).as_posix()}"
        for path in built.rglob("*")
        if path.is_file()
    }
    assert shipped <= names
    assert not [name for name in names if "node_modules" in name]


def test_the_client_knows_the_api() -> None:
    """`npm run types` makes the page's types from the kept description, and they are kept too."""
    made = ROOT / "dashboard" / "node_modules" / ".bin" / "openapi-typescript"
    needed(made.exists(), "the page's packages are not installed: make dashboard")
    options = ["--root-types", "--root-types-no-schema-prefix", "--check"]
    command = [str(made), "openapi.json", "-o", "src/api/schema.d.ts", *options]
    done = subprocess.run(command, cwd=ROOT / "dashboard", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"cd dashboard && npm run types\n{done.stderr}"
