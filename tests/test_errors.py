"""Every error a user can see has a code, words, and where it helps a hint."""

from __future__ import annotations

import json
import re

import pytest

from codesession import errors
from codesession.contract import error_json
from codesession.errors import CodesessionError, reason


def family(root: type[CodesessionError]) -> list[type[CodesessionError]]:
    return [
        root,
        *(child for each in root.__subclasses__() for child in family(each) if each.__module__ == root.__module__),
    ]


ALL = family(CodesessionError)
EXAMPLES = [
    errors.InvalidInputError("bad", hint="do this"),
    errors.SessionActiveError(1, "task"),
    errors.NoActiveSessionError(),
    errors.SessionNotFoundError(9),
    errors.SessionNotFoundError(None),
    errors.AmbiguousSessionError([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]),
    errors.MissingTokensError(),
    errors.UnknownModelError("acme", "m"),
    errors.BudgetExceededError(1.5, 1.0),
    errors.StorageError("broken", path="/x"),
]


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    """Each class stands there with its code."""
    drawn = errors.__doc__ or ""
    for error in ALL[1:]:
        assert re.search(rf"{error.__name__}\b +{error.code}\b", drawn), error.__name__


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda e: type(e).__name__)
def test_an_envelope_holds_code_message_hint_and_facts(error: CodesessionError) -> None:
    """As JSON, with the version keys of every answer."""
    body = json.loads(json.dumps(error_json(error)))
    assert body["schemaVersion"] == 1
    assert body["codesessionVersion"]
    told = body["error"]
    assert (told["code"], told["message"], told.get("hint")) == (error.code, str(error), error.hint)
    assert {key: told[key] for key in error.facts} == error.facts


def test_two_kinds_of_errors_do_not_share_a_code_unless_they_are_kin() -> None:
    """A script that asks for a code gets what it asked for."""
    codes: dict[str, type[CodesessionError]] = {}
    for error in ALL:
        other = codes.setdefault(error.code, error)
        assert issubclass(error, other)


def test_an_error_of_the_system_is_told_without_its_number() -> None:
    """`[Errno 13]` says nothing to a person; the file is named by whoever wanted it."""
    assert reason(PermissionError(13, "Permission denied", "/x/.y.part")) == "Permission denied"
    assert reason(ValueError("no number")) == "no number"
