"""Telling addresses, with the real library against a listener on this machine."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest

from codesession.errors import InvalidInputError, UnavailableError
from codesession.services import notifying
from support import wires
from support.fake_provider import FakeProvider

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise's own import
needs_apprise = pytest.mark.skipif(importlib.util.find_spec("apprise") is None, reason="apprise is an extra")


@needs_apprise
def test_an_address_is_told() -> None:
    """As JSON to a web hook, which is what `json://` means."""
    with FakeProvider() as listener:
        listener.script(wires.http(200, (), b"ok"))
        assert notifying.send([f"json://127.0.0.1:{listener.port}/hook"], "codesession", "budget is used up") == ()
        (request,) = listener.requests
    assert json.loads(request.body)["message"] == "budget is used up"


@needs_apprise
def test_an_address_that_fails_is_named_without_its_secrets() -> None:
    """URLs of chats hold tokens."""
    with FakeProvider() as listener:
        listener.script(wires.http(500, (), b"no"))
        problems = notifying.send([f"json://user:secret@127.0.0.1:{listener.port}/"], "t", "b")
    assert problems == ("json://… did not take it",)


@needs_apprise
def test_an_address_nobody_understands_is_refused() -> None:
    """Before it is kept."""
    notifying.check("json://localhost/")
    with pytest.raises(InvalidInputError, match="'nonsense'"):
        notifying.check("nonsense://secret")


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding an address fails with the reason; sending reports it and goes on."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UnavailableError) as caught:
        notifying.check("json://localhost/")
    assert caught.value.hint is not None
    assert "codesession[notify]" in caught.value.hint
    assert len(notifying.send(["json://localhost/"], "t", "b")) == 1
