"""`cs proxy doctor`"""

from __future__ import annotations

import click

from codesession.app import App
from codesession.cli.findings import show_findings
from codesession.cli.options import json_option


@click.command("doctor")
@click.option("--upstream", "names", multiple=True, metavar="NAME", help="Ask this provider too, over the network.")
@json_option
@click.pass_obj
def command(app: App, names: tuple[str, ...], as_json: bool) -> int:
    """
    Prove that the proxy changes, delays and loses nothing.

    Known bytes go through it to an echo on this machine and are compared. Base URLs that you have set (a gateway) are
    asked for their list of models, directly and through the proxy; no key is sent, nothing is billed.
    """
    from codesession.cli.listening import upstreams_of
    from codesession.domain.finding import passed
    from codesession.errors import InvalidInputError
    from codesession.proxy.checkup import run_checkup
    from codesession.proxy.probe import probe
    from codesession.proxy.upstreams import configured_upstreams

    own = upstreams_of(app)
    known = configured_upstreams(own)
    if unknown := [name for name in names if name not in known]:
        raise InvalidInputError(f'no provider "{unknown[0]}"', hint=f"there are {', '.join(sorted(known))}")
    findings = run_checkup(inject_usage=app.settings.inject_usage)
    wanted = dict.fromkeys([*own, *names])
    for name in wanted:
        findings += probe(known[name])
    if not wanted:
        findings.append(passed("upstreams", "the providers' own endpoints; ask one with --upstream anthropic"))
    return show_findings(findings, as_json=as_json)
