"""
The Python API: what a piece of a program costs.

    with track("Fix auth bug", budget=5) as session:        # or: async with
        response = client.messages.create(...)
        session.log_ai(response)                             # or instrument() once, and nothing here

    tracking      track, run_agent_session
    session, aio  AgentSession and its twin for event loops: thin, both over `core`
    core          what a session does with the ledger, in the ledger's thread
    responses     what an SDK returned -> a ModelResponse
    instrumentation  the SDKs' HTTP clients watched, so that calls are recorded and budgets asked by themselves

Use it from `codesession` itself: `from codesession import track`. Nothing here breaks the program it watches: what
cannot be recorded becomes one warning of the logger `codesession`.
"""

from codesession.api.aio import AsyncAgentSession
from codesession.api.config import SessionConfig
from codesession.api.instrumentation import instrument, uninstrument
from codesession.api.session import AgentSession
from codesession.api.summary import SessionSummary
from codesession.api.tracking import run_agent_session, track
from codesession.errors import BudgetExceededError

__all__ = [
    "AgentSession",
    "AsyncAgentSession",
    "BudgetExceededError",
    "SessionConfig",
    "SessionSummary",
    "instrument",
    "run_agent_session",
    "track",
    "uninstrument",
]
