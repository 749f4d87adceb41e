"""What a check-up found: one line per question, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How a question was answered."""

    PASS = "PASS"  # noqa: S105 - no password
    WARN = "WARN"
    """It works, and something should be looked at."""
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer."""

    verdict: Verdict
    name: str
    """What was looked at, in a word or two; stable, for scripts."""
    text: str
    """What was found."""
    hint: str | None = None
    """What to do."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Figures for `--json`, in the contract's camelCase."""


def passed(name: str, text: str, *, hint: str | None = None, **facts: Any) -> Finding:
    """All is well."""
    return Finding(verdict=Verdict.PASS, name=name, text=text, hint=hint, facts=facts)


def warned(name: str, text: str, *, hint: str | None = None, **facts: Any) -> Finding:
    """Something should be looked at."""
    return Finding(verdict=Verdict.WARN, name=name, text=text, hint=hint, facts=facts)


def failed(name: str, text: str, *, hint: str | None = None, **facts: Any) -> Finding:
    """Something does not work."""
    return Finding(verdict=Verdict.FAIL, name=name, text=text, hint=hint, facts=facts)


def judged(ok: bool, name: str, text: str, *, hint: str | None = None, **facts: Any) -> Finding:
    """PASS or FAIL; the hint is for the latter."""
    return passed(name, text, **facts) if ok else failed(name, text, hint=hint, **facts)


def any_failed(findings: Iterable[Finding]) -> bool:
    """Whether the exit status must say so."""
    return any(finding.verdict is Verdict.FAIL for finding in findings)
