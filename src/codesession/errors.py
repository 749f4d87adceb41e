"""
Every error a user can see, drawn as one tree.

    CodesessionError
    ├── InvalidInputError           invalid_input
    ├── SessionActiveError          session_active        id, activeSession
    ├── NoActiveSessionError        no_active_session
    ├── SessionNotFoundError        session_not_found     id
    ├── AmbiguousSessionError       ambiguous_session     sessions
    ├── MissingTokensError          missing_tokens
    ├── UnknownModelError           unknown_model         model, provider
    ├── BudgetExceededError         budget_exceeded       spent, budget, scope
    ├── PriceFileError              invalid_input         path
    ├── StorageError                storage_error         path
    │   └── RefusedError            storage_error         path
    └── UnavailableError            unavailable

Each carries a stable `code`, a message that names what was wrong, a `hint` that says what to do, and the
facts that the JSON envelope adds beside them. The exit status is 1 unless a command documents another.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def reason(error: Exception) -> str:
    """What went wrong, in words: an error of the system without its number and the name of a file."""
    return getattr(error, "strerror", None) or str(error)


def own_reason(error: Exception) -> str:
    """What went wrong, in our own words; of an error of a library only its kind: its text may hold a URL or a key."""
    return error.message if isinstance(error, CodesessionError) else type(error).__name__


def _plain(dollars: float) -> str:
    """Without zeros that say nothing, and never as 1e-07."""
    whole, _, cents = f"{dollars:.10f}".rstrip("0").partition(".")
    return f"{whole}.{cents}" if cents else whole


class CodesessionError(Exception):
    """Base of all errors that are shown to a user instead of a traceback."""

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, hint: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts
        """JSON keys (camelCase) that stand beside `code` and `message` in the error envelope."""


class InvalidInputError(CodesessionError):
    """An argument, option or file that cannot be used as given."""

    code = "invalid_input"


class PriceFileError(InvalidInputError):
    """The user's price overrides cannot be read; the file is kept as it is."""


class SessionActiveError(CodesessionError):
    """A session is open in this scope already."""

    code = "session_active"

    def __init__(self, session_id: int, name: str) -> None:
        super().__init__(
            f'session {session_id} "{name}" is already active here',
            hint="end it with `cs end`, or start with --resume to continue it or --close-stale to replace it",
            id=session_id,
            activeSession=name,
        )


class NoActiveSessionError(CodesessionError):
    """No session is open in this scope, nor exactly one elsewhere."""

    code = "no_active_session"

    def __init__(
        self, message: str = "no active session", *, hint: str = 'start one with `cs start "what you are doing"`'
    ) -> None:
        super().__init__(message, hint=hint)


class SessionNotFoundError(CodesessionError):
    """No session has the id that was asked for."""

    code = "session_not_found"

    def __init__(self, session_id: int | str | None) -> None:
        what = "no session yet" if session_id is None else f"session {session_id} not found"
        hint = 'begin one with `cs run -- your-agent` or `cs start "what you are doing"`'
        super().__init__(
            what, hint=hint if session_id is None else "`cs list` shows the sessions there are", id=session_id
        )


class AmbiguousSessionError(CodesessionError):
    """Several sessions are open and none of them is the obvious one."""

    code = "ambiguous_session"

    def __init__(self, sessions: list[dict[str, Any]]) -> None:
        names = ", ".join(f'{s["id"]} "{s["name"]}"' for s in sessions)
        super().__init__(
            f"several sessions are active: {names}", hint="say which one with --session ID", sessions=sessions
        )


class MissingTokensError(CodesessionError):
    """A call was reported without any token count."""

    code = "missing_tokens"

    def __init__(self) -> None:
        super().__init__(
            "no token count given", hint="give --prompt-tokens and --completion-tokens, or --tokens for a bare total"
        )


class UnknownModelError(CodesessionError):
    """No price is known for the model; recording it as free would be a lie."""

    code = "unknown_model"

    def __init__(self, provider: str, model: str) -> None:
        super().__init__(
            f'no price known for model "{model}" of provider "{provider}"',
            hint=f"give the cost with --cost USD, or set a price: cs pricing set {model} INPUT OUTPUT",
            model=model,
            provider=provider,
        )


class BudgetExceededError(CodesessionError):
    """A budget that says stop has been reached. Money in US dollars."""

    code = "budget_exceeded"

    def __init__(self, spent: float, budget: float, scope: str = "session", *, name: str | None = None) -> None:
        whose = "in all" if scope == "global" else f"for this {scope}"
        called = f' "{name}"' if name else ""
        state = "is reached" if spent >= budget else "has too little left"
        super().__init__(
            f"budget{called} of ${_plain(budget)} {whose} {state}: ${_plain(spent)} spent",
            hint="allow more with `cs budget allow +USD` or `--until TIME`, or end the session with `cs end`",
            spent=spent,
            budget=budget,
            scope=scope,
        )
        self.spent = spent
        self.budget = budget
        self.scope = scope


class StorageError(CodesessionError):
    """The ledger cannot be read or written; the file is left as it was."""

    code = "storage_error"


class RefusedError(StorageError):
    """What was to be kept is nothing that a ledger takes; the ledger itself is there, and takes others."""


class UnavailableError(CodesessionError):
    """A part this command needs is not there: an optional package, a port, a program."""

    code = "unavailable"
