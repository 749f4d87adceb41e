"""How check-ups are shown: a line per finding, or one JSON value; exit status 1 on a FAIL."""

from __future__ import annotations

from collections.abc import Sequence

from codesession.cli.output import console, plain, print_json
from codesession.contract import Json, enveloped
from codesession.domain.finding import Finding, Verdict, any_failed


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> int:
    """Print them; returns the exit status."""
    status = int(any_failed(findings))
    if as_json:
        print_json(enveloped({"ok": not status, "checks": [_json(finding) for finding in findings]}))
        return status
    out = console()
    width = max((len(finding.name) for finding in findings), default=0)
    room = out.width - width - 8 if out.is_terminal else None
    for finding in findings:
        first, *more = _told(finding, room)
        out.print(f"{finding.verdict}  {finding.name:<{width}}  {first}", soft_wrap=True)
        for line in more:
            out.print(f"{'':<{width + 8}}{line}", soft_wrap=True)
    return status


def _told(finding: Finding, room: int | None) -> list[str]:
    """The text and the hint, cut into lines that stay in their column; whole where no terminal has a width."""
    said = [plain(finding.text) or "-"]
    if finding.hint and finding.verdict is not Verdict.PASS:
        said.append(f"hint: {plain(finding.hint)}")
    if room is None:
        return said
    from textwrap import wrap

    return [line for text in said for line in wrap(text, max(20, room))]


def _json(finding: Finding) -> Json:
    return {
        "verdict": str(finding.verdict),
        "name": finding.name,
        "text": finding.text,
        "hint": finding.hint,
        "facts": dict(finding.facts),
    }
