"""What alerts ask of a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from codesession.domain.alerts import AlertKind, AlertRule, Breach, NewBreach


class AlertStore(Protocol):
    """Rules and breaches. Every method is one transaction; all raise `StorageError`."""

    def add_rule(
        self,
        kind: AlertKind,
        *,
        uid: str,
        limit_picousd: int | None,
        percent: int | None,
        url: str | None,
        project: str | None,
        at_ms: int,
    ) -> AlertRule:
        """Keep a rule or an address; one that is there already comes back as it is."""

    def rules(self) -> list[AlertRule]:
        """Every rule and address, oldest first."""

    def remove_rule(self, rule_id: int) -> bool:
        """Drop one; False if there was none."""

    def add_breaches(self, breaches: Sequence[NewBreach], *, at_ms: int) -> list[Breach]:
        """Keep those that are new and return them; a key that is known is known for ever."""

    def is_open(self, rule_id: int) -> bool:
        """Whether a rule's last breach has not ended."""

    def end_breaches(self, rule_id: int, *, at_ms: int) -> None:
        """A rule's limit is kept again."""

    def note_problem(self, breach_ids: Sequence[int], problem: str) -> None:
        """Why word of breaches did not get through."""

    def breaches(self, *, limit: int) -> list[Breach]:
        """The newest breaches that were told, newest first."""
