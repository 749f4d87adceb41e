"""Send a few words to apprise URLs. The library is an extra; it is loaded only when there is something to send."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from codesession.errors import InvalidInputError, UnavailableError


def check(url: str) -> None:
    """Raises `InvalidInputError` for an address that apprise does not understand."""
    if _apprise().Apprise.instantiate(url) is None:
        scheme = url.partition("://")[0][:40]
        raise InvalidInputError(
            f"{scheme!r} is no address that can be told", hint="see https://github.com/caronc/apprise for URLs"
        )


def send(urls: Sequence[str], title: str, body: str) -> tuple[str, ...]:
    """Tell every address; why it did not get through, without anything secret of the address."""
    try:
        library = _apprise()
    except UnavailableError as error:
        return (error.message,)
    problems = []
    for url in urls:
        address = library.Apprise.instantiate(url)
        scheme = url.partition("://")[0]
        if address is None:
            problems.append(f"{scheme}://… is not understood")
        elif not address.notify(title=title, body=body):
            problems.append(f"{scheme}://… did not take it")
    return tuple(problems)


def _apprise() -> Any:
    try:
        return import_module("apprise")
    except ImportError as error:
        raise UnavailableError(
            "telling an address needs the package apprise", hint="pip install 'codesession[notify]'"
        ) from error
