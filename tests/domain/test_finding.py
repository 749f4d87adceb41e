"""Findings: three verdicts, and when the exit status must say so."""

from __future__ import annotations

from codesession.domain.finding import Verdict, any_failed, failed, judged, passed, warned


def test_only_a_fail_fails() -> None:
    """A warning is something to look at."""
    assert not any_failed([passed("a", "fine"), warned("b", "hm")])
    assert any_failed([passed("a", "fine"), failed("b", "no")])


def test_a_judgement_gives_its_hint_only_when_it_is_needed() -> None:
    """Nobody is told to mend what works; the figures are there either way."""
    good, bad = judged(True, "a", "x", hint="mend it", n=1), judged(False, "a", "x", hint="mend it", n=1)
    assert (good.verdict, good.hint, good.facts) == (Verdict.PASS, None, {"n": 1})
    assert (bad.verdict, bad.hint, bad.facts) == (Verdict.FAIL, "mend it", {"n": 1})
