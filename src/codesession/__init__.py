"""
codesession: what every AI agent run costs, in dollars you can trust.

    from codesession import track

    with track("Fix auth bug", budget=5) as session:
        ...

Names of the Python API are loaded when they are first used; importing the package does nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""As in `typing`, which would have to be loaded for it."""

if TYPE_CHECKING:
    from codesession.api import (
        AgentSession,
        AsyncAgentSession,
        BudgetExceededError,
        SessionConfig,
        SessionSummary,
        instrument,
        run_agent_session,
        track,
        uninstrument,
    )

__version__ = "3.0.0.dev0"

__all__ = [
    "AgentSession",
    "AsyncAgentSession",
    "BudgetExceededError",
    "SessionConfig",
    "SessionSummary",
    "__version__",
    "instrument",
    "run_agent_session",
    "track",
    "uninstrument",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("codesession.api"), name)


def __dir__() -> list[str]:
    return __all__
