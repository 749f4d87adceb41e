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
    for finding in findings:
        out.print(f"{finding.verdict}  {finding.name:<{width}}  {plain(finding.text)}", soft_wrap=True)
        if finding.hint and finding.verdict is not Verdict.PASS:
            out.print(f"{'':<{width + 8}}hint: {plain(finding.hint)}", soft_wrap=True)
    return status


def _json(finding: Finding) -> Json:
    return {
        "verdict": str(finding.verdict),
        "name": finding.name,
        "text": finding.text,
        "hint": finding.hint,
        "facts": dict(finding.facts),
    }
