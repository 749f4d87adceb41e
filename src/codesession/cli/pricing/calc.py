"""`cs pricing calc`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from codesession.app import App, now_ms
from codesession.cli.options import json_option
from codesession.contract import cost_json
from codesession.errors import CodesessionError, InvalidInputError

if TYPE_CHECKING:
    from codesession.domain.pricing import Cost

_AT_ONCE = 1 << 16
"""Bytes of output that are written together."""

Priced = tuple[Any, "Cost | CodesessionError"]
"""The record's id and its cost, or what is wrong with it."""


@click.command("calc")
@click.argument("file", required=False, default="-", type=click.File("rb"))
@json_option
@click.pass_obj
def calc(app: App, file: BinaryIO, as_json: bool) -> int:
    """
    Price records without recording them.

    FILE (or stdin) holds one JSON object, an array, or one object per line: provider, model, api, at, usage (as
    the provider sent it) or events, response, request. With --json one line of JSON comes out per record, in the
    same order; a record that cannot be priced is an error in its place, and the exit status is 1 at the end.
    """
    priced = _priced(app, file)
    failed = _print_lines(priced) if as_json else _print_table(priced)
    return 1 if failed else 0


def _priced(app: App, file: BinaryIO) -> Iterator[Priced]:
    from codesession.services.calculating import calculate
    from codesession.services.records import read_records

    prices, now = app.prices, now_ms()
    for record in read_records(file):
        if isinstance(record, CodesessionError):
            yield None, record
            continue
        identity = record.get("id") if isinstance(record, dict) else None
        try:
            yield identity, calculate(record, prices, now_ms=now)
        except InvalidInputError as error:
            yield identity, error


def _print_lines(priced: Iterator[Priced]) -> int:
    import msgspec

    failed, encode, pending = 0, msgspec.json.Encoder(enc_hook=str).encode, bytearray()
    for identity, cost in priced:
        if isinstance(cost, CodesessionError):
            failed += 1
            body: dict[str, Any] = {"error": {"code": cost.code, "message": cost.message}}
        else:
            body = cost_json(cost)
        pending += encode({"id": identity, **body}) + b"\n"
        if len(pending) > _AT_ONCE:
            _write(pending)
            pending.clear()
    _write(pending)
    return failed


def _write(lines: bytearray) -> None:
    """All of it: where PYTHONUNBUFFERED takes the buffer away, one write may take only a part."""
    rest = bytes(lines)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()


def _print_table(priced: Iterator[Priced]) -> int:
    from codesession.cli.output import console
    from codesession.cli.pricing import words

    return words.calculated(console(), priced)
