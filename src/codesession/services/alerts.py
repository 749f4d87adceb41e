"""
Alerts: found off the request path, told once.

A breach is a row with a unique key. Whoever inserts it tells about it; everybody else, and everybody after a restart,
finds it there and stays quiet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from codesession.domain.alerts import AlertKind, AlertRule, Breach, NewBreach
from codesession.domain.budget import used_in_words
from codesession.domain.ids import uuid7
from codesession.domain.money import PICO, format_at_least, format_usd
from codesession.domain.periods import DAY_MS, GRAIN_MS, HOUR_MS, days_span, local_date, offset_ms
from codesession.domain.report import CallFilter, Span
from codesession.errors import InvalidInputError
from codesession.services import notifying

if TYPE_CHECKING:
    from codesession.domain.budget import Budget, Standing
    from codesession.services.budgets.service import BudgetService
    from codesession.store.base_alerts import AlertStore
    from codesession.store.base_reports import ReportStore

USUAL_DAYS = 14
"""The days before today that say what is usual."""
LEAST_DAYS = 3
"""With fewer days of spending nothing is usual yet."""
LEAST_JUMP_PICOUSD = PICO
"""Below one dollar a day no jump is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a check found new, and what of it did not get through."""

    breaches: tuple[Breach, ...]
    problems: tuple[str, ...] = ()


class AlertService:
    """Rules, checks and notifications. Belongs to one thread, as its stores."""

    def __init__(
        self,
        store: AlertStore,
        budgets: BudgetService,
        reports: ReportStore,
        clock: Callable[[], int],
        zone: Callable[[], tzinfo],
    ) -> None:
        self._store = store
        self._budgets = budgets
        self._reports = reports
        self._clock = clock
        self._zone = zone

    def add_rate(self, limit_picousd: int, project: str | None) -> AlertRule:
        """Tell when so much is spent within an hour."""
        if limit_picousd <= 0:
            raise InvalidInputError("the rate is above $0 per hour", hint="cs alerts add --rate 5")
        return self._add(AlertKind.RATE, limit_picousd=limit_picousd, project=project)

    def add_jump(self, percent: int, project: str | None) -> AlertRule:
        """Tell when today's spending passes so many percent of the usual day's."""
        if percent <= 100:
            raise InvalidInputError("a jump is more than 100 percent of the usual", hint="cs alerts add --jump 300")
        return self._add(AlertKind.JUMP, percent=percent, project=project)

    def add_address(self, url: str) -> AlertRule:
        """Tell an apprise URL too."""
        notifying.check(url)
        return self._add(AlertKind.NOTIFY, url=url)

    def _add(
        self,
        kind: AlertKind,
        *,
        limit_picousd: int | None = None,
        percent: int | None = None,
        url: str | None = None,
        project: str | None = None,
    ) -> AlertRule:
        now = self._clock()
        return self._store.add_rule(
            kind, uid=uuid7(now), limit_picousd=limit_picousd, percent=percent, url=url, project=project, at_ms=now
        )

    def rules(self) -> list[AlertRule]:
        """Every rule and address."""
        return self._store.rules()

    def breaches(self, *, limit: int = 20) -> list[Breach]:
        """The newest breaches, newest first."""
        return self._store.breaches(limit=limit)

    def remove(self, rule_id: int) -> None:
        """Drop a rule or an address."""
        if not self._store.remove_rule(rule_id):
            raise InvalidInputError(f"no alert {rule_id}", hint="`cs alerts list` shows the alerts there are")

    def test(self) -> tuple[str, ...]:
        """Send a test to every address; what did not get through."""
        addresses = self._addresses(self._store.rules())
        if not addresses:
            raise InvalidInputError("nobody is told yet", hint="cs alerts add --notify URL")
        return notifying.send(addresses, "codesession: test", "Alerts arrive here.")

    def check(self) -> Told:
        """Look at every budget and rule, keep what is newly breached, and tell every address once."""
        rules, now = self._store.rules(), self._clock()
        found = [breach for standing in self._budgets.every() for breach in _levels(standing)]
        for rule in rules:
            breach = self._rate(rule, now) if rule.kind is AlertKind.RATE else None
            breach = self._jump(rule, now) if rule.kind is AlertKind.JUMP else breach
            found += [breach] if breach is not None else []
        new = self._store.add_breaches(found, at_ms=now)
        return Told(breaches=tuple(new), problems=self._tell(new, self._addresses(rules)))

    def _tell(self, breaches: list[Breach], addresses: list[str]) -> tuple[str, ...]:
        if not breaches or not addresses:
            return ()
        problems = notifying.send(addresses, "codesession", "\n".join(breach.message for breach in breaches))
        if problems:
            self._store.note_problem([breach.id for breach in breaches], "; ".join(problems))
        return problems

    def _addresses(self, rules: Iterable[AlertRule]) -> list[str]:
        return [rule.url for rule in rules if rule.url is not None]

    def _rate(self, rule: AlertRule, now: int) -> NewBreach | None:
        """Whole quarters of an hour up to now, less than an hour in all: what they hold was spent within one."""
        end = now - now % GRAIN_MS + GRAIN_MS
        spent, limit = self._spent(Span(start_ms=end - HOUR_MS, end_ms=end), rule), rule.limit_picousd or 0
        if spent < limit:
            self._store.end_breaches(rule.id, at_ms=now)
            return None
        if self._store.is_open(rule.id):
            return None
        return NewBreach(
            key=f"rate:{rule.uid}:{end}",
            kind="rate",
            message=f"{format_usd(spent)} spent within an hour{_where(rule)}, limit {format_usd(limit)}",
            spent_picousd=spent,
            limit_picousd=limit,
            rule_id=rule.id,
        )

    def _jump(self, rule: AlertRule, now: int) -> NewBreach | None:
        zone, percent = self._zone(), rule.percent or 0
        day = local_date(zone, now)
        today = days_span(zone, day, day)
        spent, usual = self._spent(today, rule), self._usual_day(today, rule)
        if usual is None or spent < LEAST_JUMP_PICOUSD or spent * 100 < usual * percent:
            return None
        return NewBreach(
            key=f"jump:{rule.uid}:{day}",
            kind="jump",
            message=f"{format_usd(spent)} spent today{_where(rule)}, the usual day is {format_usd(usual)}",
            spent_picousd=spent,
            limit_picousd=usual * percent // 100,
            percent=percent,
            rule_id=rule.id,
        )

    def _usual_day(self, today: Span, rule: AlertRule) -> int | None:
        """Mean of the days with spending among those before today."""
        before = Span(start_ms=today.start_ms - USUAL_DAYS * DAY_MS, end_ms=today.start_ms)
        offset = offset_ms(self._zone(), today.start_ms)
        cells = self._reports.usage(before, slot_ms=DAY_MS, offset_ms=offset, where=_filter(rule))
        days = [cell.totals.cost_picousd for cell in cells if cell.totals.cost_picousd > 0]
        return sum(days) // len(days) if len(days) >= LEAST_DAYS else None

    def _spent(self, span: Span, rule: AlertRule) -> int:
        return sum(cell.totals.cost_picousd for cell in self._reports.usage(span, where=_filter(rule)))


def _filter(rule: AlertRule) -> CallFilter:
    return CallFilter(projects=(rule.project,) if rule.project else ())


def _where(rule: AlertRule) -> str:
    return f" in {rule.project}" if rule.project else ""


def _called(budget: Budget) -> str:
    """`'project week' in /code/shop`: whoever is told sees nothing else of it."""
    by = f" by {budget.agent_name}" if budget.agent_name else ""
    return f"'{budget.label}'{by}" + (f" in {budget.project}" if budget.project else "")


def _used(standing: Standing) -> str:
    if standing.held_picousd:
        return f"{used_in_words(standing)}, of {format_usd(standing.limit_picousd)}"
    spent = format_at_least(standing.spent_picousd, partial=standing.is_partial)
    return f"{spent} of {format_usd(standing.limit_picousd)} spent"


def _levels(standing: Standing) -> Iterator[NewBreach]:
    """The warn levels a budget has passed in its present period; only the highest is worth a word."""
    budget, limit = standing.budget, standing.limit_picousd
    levels = sorted({*budget.warn_percents, 100})
    passed = [level for level in levels if standing.used_picousd * 100 >= limit * level]
    for level in passed:
        where = standing.session_id if budget.session_id is None else None
        said = "is used up" if level == 100 else f"has passed {level} %"
        yield NewBreach(
            key=f"budget:{budget.uid}:{standing.window_start_ms}:{where}:{limit}:{level}",
            kind="budget",
            message=f"budget {_called(budget)} {said}: {_used(standing)}",
            spent_picousd=standing.used_picousd,
            limit_picousd=limit,
            percent=level,
            budget_id=budget.id,
            session_id=standing.session_id,
            silent=level != passed[-1],
        )
