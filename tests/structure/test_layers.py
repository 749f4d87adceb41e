"""Every module has its tests, every command its words, every file a size that can be read."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest

from codesession.cli.main import ALIASES, COMMANDS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "codesession"
TESTS = ROOT / "tests"
Function = ast.FunctionDef | ast.AsyncFunctionDef

MODULES = sorted(
    path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")
)

ELSEWHERE = {
    "cli/auto_log.py": "cli/test_entry.py: as hooks call it",
    "cli/findings.py": "cli/test_doctor.py",
    "cli/import_progress.py": "cli/test_import_logs.py",
    "cli/import_table.py": "cli/test_import_logs.py",
    "cli/proxy_doctor.py": "cli/test_proxy.py",
    "cli/quick_auto_log.py": "cli/test_entry.py: as hooks call it",
    "cli/terminal.py": "cli/test_main.py: a reader that leaves, with every command",
    "cli/watching.py": "cli/test_start.py: followed at a real prompt",
    "cli/end.py": "cli/test_commands.py",
    "cli/export.py": "cli/test_exporting.py",
    "cli/list.py": "cli/test_commands.py",
    "cli/log_ai.py": "cli/test_commands.py",
    "cli/note.py": "cli/test_commands.py",
    "cli/recover.py": "cli/test_commands.py",
    "cli/show.py": "cli/test_commands.py",
    "cli/stats.py": "cli/test_commands.py",
    "cli/status.py": "cli/test_commands.py",
    "contract_ci.py": "cli/test_ci.py",
    "domain/totals.py": "store/test_sql_store.py: sums are compared with the rows",
    "domain/work.py": "store/test_sql_store.py: comes back as it was stored",
    "services/repo/ignored.py": "services/test_watching.py: real git, real files",
    "store/calls.py": "store/test_sql_store.py",
    "store/exporting.py": "services/exports: read from a real ledger",
    "store/queries.py": "store/test_sql_store.py runs every statement",
}
"""Modules whose behaviour is tested under another name, and where."""

WHOLE = {
    "mcp_server": "mcp_server: as an agent asks, over stdio and HTTP",
    "services/insights": "web/answers: over HTTP, with figures worked out by hand",
    "web/answers": "web/answers: over HTTP",
    "web/routes": "web/answers: over HTTP",
    "web/schemas": "web/answers: over HTTP; web/test_openapi.py holds the whole description",
    "web": "web: over HTTP; attacks have a folder of their own",
}
"""Folders that are tested as one thing, from outside, and where."""


def mirrors(module: Path) -> list[Path]:
    """Where the tests of a module may be: `a/b/c.py` in `a/b/test_c.py`, `a/test_b_c.py` or `a/test_b.py`."""
    folder, name = module.parent, module.stem
    places = [TESTS / folder / f"test_{name}.py"]
    if folder.parts:
        above = TESTS / folder.parent
        places += [above / f"test_{folder.name}_{name}.py", above / f"test_{folder.name}.py"]
    return places


@cache
def imported_by_tests() -> frozenset[str]:
    """Every module that a test names in an import, as `package.module`."""
    names: set[str] = set()
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def is_tested_whole(module: Path) -> bool:
    """Whether the very folder of a module is one of those."""
    return module.parent.as_posix() in WHOLE


def only_declares(module: Path) -> bool:
    """Whether a module has nothing to test: protocols, plain data, constants, SQL text."""
    tree = ast.parse((SOURCE / module).read_text("utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return not functions and all(_is_protocol(node) or _is_plain_data(node) for node in classes)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in ast.unparse(base) for base in node.bases)


def _is_plain_data(node: ast.ClassDef) -> bool:
    return not any(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in ast.walk(node))


def is_tested(module: Path) -> bool:
    """In a file that mirrors it, in one that imports it, or listed above with the place; declarations need none."""
    return (
        any(place.exists() for place in mirrors(module))
        or ".".join(("codesession", *module.with_suffix("").parts)) in imported_by_tests()
        or module.as_posix() in ELSEWHERE
        or only_declares(module)
        or is_tested_whole(module)
    )


def test_every_module_has_its_tests() -> None:
    """Those that have none are told, with the file to write."""
    untested = [module for module in MODULES if not is_tested(module)]
    assert [f"{module}: write {mirrors(module)[0].relative_to(ROOT)}" for module in untested] == []


@pytest.mark.parametrize("module", ELSEWHERE)
def test_an_exception_names_a_module_and_tests_that_are_there(module: str) -> None:
    """So that the list does not outlive its reasons."""
    assert (SOURCE / module).exists()
    where = ELSEWHERE[module].split(":")[0].split()[0]
    assert not where.endswith(".py") or (TESTS / where).exists()


@pytest.mark.parametrize("folder", WHOLE)
def test_a_folder_that_is_tested_whole_has_tests(folder: str) -> None:
    """Where the table says, and nobody has emptied that place."""
    where = TESTS / WHOLE[folder].split(":")[0]
    assert any((SOURCE / folder).glob("*.py"))
    assert any(where.glob("test_*.py"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says_and_explains_itself(name: str) -> None:
    """Its own help begins with a sentence, as the table's line does."""
    module, line = COMMANDS[name]
    command = import_module(f"codesession.cli.{module}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").strip()
    assert line.strip() == line != ""
    assert len(line) <= 60


def test_every_alias_leads_to_a_command() -> None:
    """And hides none."""
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)


def test_a_file_fits_on_a_few_screens_and_a_function_on_one() -> None:
    """450 lines and 60 lines; a table of data is no function."""
    long = []
    for module in MODULES:
        text = (SOURCE / module).read_text("utf-8")
        if text.count("\n") > 450:
            long.append(str(module))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno >= 60:
                long.append(f"{module}: {node.name}")
    assert long == []


def test_every_test_says_what_it_expects() -> None:
    """A docstring that states the behaviour."""
    silent = [
        f"{path.relative_to(TESTS)}: {node.name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, Function) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []
