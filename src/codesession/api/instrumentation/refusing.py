"""
Let a refusal through the SDKs.

SDKs take whatever goes wrong in their HTTP client for a broken connection: they try again and raise an error of
their own. So below them a refusal is no `Exception`, and where they are called it becomes `BudgetExceededError`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import Any

from codesession.api.instrumentation.patching import Undo, replace_function
from codesession.errors import BudgetExceededError

_SDK_METHODS = (("SyncAPIClient", "request"), ("AsyncAPIClient", "request"))
_FUNCTIONS = ("completion", "acompletion")

SDK_MODULES = ("anthropic._base_client", "openai._base_client", "groq._base_client", "together._base_client")
"""SDKs of one make, each with the same two classes."""
LITELLM_MODULES = ("litellm.main", "litellm")
"""Where its functions are, and where they are copied to."""

_catches: ContextVar[bool] = ContextVar("codesession_catches", default=False)


class Refused(BaseException):
    """A budget says stop, on the way through an SDK."""

    def __init__(self, error: BudgetExceededError) -> None:
        super().__init__(str(error))
        self.error = error


def refuse(error: BudgetExceededError) -> BaseException:
    """What to raise so that the program gets `error`."""
    return Refused(error) if _catches.get() else error


def watch_sdk(module: ModuleType) -> list[Undo]:
    """Where an SDK is called."""
    return [replace_function(getattr(module, owner), name, _catching) for owner, name in _SDK_METHODS]


def watch_litellm(module: ModuleType) -> list[Undo]:
    """Where LiteLLM is called; it wraps the SDKs' errors once more."""
    return [replace_function(module, name, _catching) for name in _FUNCTIONS if name in vars(module)]


def _catching(original: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(original):
        return _catching_async(original)

    @wraps(original)
    def called(*args: Any, **kwargs: Any) -> Any:
        if _catches.get():
            return original(*args, **kwargs)
        token = _catches.set(True)
        try:
            return original(*args, **kwargs)
        except Refused as refused:
            raise refused.error from None
        finally:
            _catches.reset(token)

    return called


def _catching_async(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        if _catches.get():
            return await original(*args, **kwargs)
        token = _catches.set(True)
        try:
            return await original(*args, **kwargs)
        except Refused as refused:
            raise refused.error from None
        finally:
            _catches.reset(token)

    return called
