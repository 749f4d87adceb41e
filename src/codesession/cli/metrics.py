"""`cs metrics`"""

from __future__ import annotations

from pathlib import Path

import click

from codesession.app import App
from codesession.cli.options import output_option


@click.command("metrics")
@output_option("A file, replaced as a whole.")
@click.pass_obj
def command(app: App, output: Path | None) -> None:
    """
    Print the ledger's sums for Prometheus.

    In the text format, for node_exporter's textfile collector: cs metrics -o /var/lib/node_exporter/codesession.prom
    """
    from codesession.cli.exporting import target

    text = app.metrics.text()
    with target(output) as out:
        out.write(text)
