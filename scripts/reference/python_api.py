"""The Python API, from `codesession.__all__` and what stands in its docstrings."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import typing
from collections.abc import Iterator
from typing import Any

import codesession
from reference.markdown import code, document, fenced, prose, table

INTRO = """
`from codesession import …`. How it is meant to be used: [Python API](../python-api.md).
"""

FIRST = ("track", "AgentSession", "AsyncAgentSession", "run_agent_session", "instrument", "uninstrument")


def page() -> str:
    """docs/reference/python.md"""
    names = [name for name in codesession.__all__ if name != "__version__"]
    ordered = [*FIRST, *(name for name in names if name not in FIRST)]
    parts = [part for name in ordered for part in _entry(name, getattr(codesession, name))]
    return document("Python", INTRO, *parts)


def _entry(name: str, found: Any) -> Iterator[str]:
    yield f"## `{name}`"
    if not inspect.isclass(found):
        yield fenced(f"{name}{_signature(found)}", "python")
        yield prose(found.__doc__)
        return
    if _is_fields(found):
        yield prose(found.__doc__) if not (found.__doc__ or "").startswith(f"{name}(") else ""
        yield table(["name", "type", "means"], _fields(found))
    else:
        yield fenced(f"{name}{_signature(found)}", "python")
        yield prose(found.__doc__)
        yield from _members(found)


def _is_fields(found: type) -> bool:
    return dataclasses.is_dataclass(found) or hasattr(found, "__total__")


def _fields(found: type) -> list[tuple[str, str, str]]:
    """Annotations and the text below each, from the source: what an editor shows too."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(found)))
    body = tree.body[0].body  # type: ignore[attr-defined]  # a class has one
    rows = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
            rows.append((code(ast.unparse(node.target)), code(ast.unparse(node.annotation)), _text(following)))
        elif isinstance(node, ast.FunctionDef) and _is_property(node):
            rows.append((code(node.name), code(ast.unparse(node.returns)) if node.returns else "", _doc(node)))
    return rows


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == "property" for each in node.decorator_list)


def _doc(node: ast.FunctionDef) -> str:
    return ast.get_docstring(node) or ""


def _text(node: ast.stmt | None) -> str:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return inspect.cleandoc(node.value.value) if is_text else ""  # type: ignore[union-attr]  # just asked


def _members(found: type) -> Iterator[str]:
    public = [(name, member) for name, member in vars(found).items() if not name.startswith("_")]
    attributes = [(code(name), prose(member.__doc__)) for name, member in public if isinstance(member, property)]
    yield table(["attribute", "is"], attributes)
    for name, member in public:
        if inspect.isfunction(member):
            waits = "await " if inspect.iscoroutinefunction(member) else ""
            yield f"### `{found.__name__}.{name}`"
            yield fenced(f"{waits}session.{name}{_signature(member, method=True)}", "python")
            yield prose(member.__doc__)


def _signature(found: Any, *, method: bool = False) -> str:
    """The most general form; a function with overloads says it in the last of them."""
    forms = typing.get_overloads(found) if inspect.isfunction(found) else []
    try:
        signature = inspect.signature(forms[-1] if forms else found)
    except ValueError:  # an exception without a constructor of its own
        return "(…)"
    parameters = list(signature.parameters.values())[1 if method else 0 :]
    text = str(signature.replace(parameters=parameters)).replace("'", "")
    return text.replace("**config: Unpack[SessionConfig]", "**config")
