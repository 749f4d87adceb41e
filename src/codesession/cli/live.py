"""`cs live`"""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING

import click

from codesession.app import App
from codesession.cli.options import json_option
from codesession.cli.output import console, print_json
from codesession.cli.report_options import timezone_option
from codesession.contract_reports import live_json

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.console import Console

    from codesession.domain.report import Currency
    from codesession.services.live import LiveFeed

REFRESH_S = 1.0


@click.command("live")
@click.option("--once", is_flag=True, help="Print one picture and exit; also where stdout cannot be drawn on.")
@timezone_option
@json_option
@click.pass_obj
def command(app: App, once: bool, timezone: str | None, as_json: bool) -> None:
    """
    Watch what is being spent right now.

    Running sessions and their budgets, dollars per hour, today by model and agent, the last calls. q or Ctrl+C
    leaves.
    """
    from codesession.services.zones import zone_of

    zone, _ = zone_of(timezone, app.environment)
    feed = app.live(zone)
    currency = app.settings.report_currency
    if as_json:
        print_json(live_json(feed.snapshot(), currency))
        return
    out = console()
    if once or not sys.stdout.isatty() or out.is_dumb_terminal:
        from codesession.cli.live_frame import frame

        out.print(frame(feed.snapshot(), zone, currency, height=None))
    else:
        _follow(out, feed, zone, currency)


def _follow(out: Console, feed: LiveFeed, zone: tzinfo, currency: Currency | None) -> None:
    from rich.live import Live

    from codesession.cli.keys import Keys
    from codesession.cli.live_frame import frame

    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(_Leaving(stop))
        keys = stack.enter_context(Keys())
        live = stack.enter_context(Live(console=out, screen=True, auto_refresh=False))
        while not stop.is_set():
            live.update(frame(feed.snapshot(), zone, currency, height=out.height), refresh=True)
            if keys.pressed(stop, REFRESH_S) & {"q", "Q"}:
                return


class _Leaving:
    """Signals that ask to leave set an event, so that the terminal is put right on the way out."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else ())):
            self._before[number] = signal.signal(number, self._on_signal)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself gave back

    def _on_signal(self, number: int, at: FrameType | None) -> None:
        self._stop.set()
