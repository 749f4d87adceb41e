"""Calls as a Parquet file, through pyarrow: `pip install 'codesession[parquet]'`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from codesession.errors import UnavailableError
from codesession.services.exports.calls import COLUMNS, ExportedCall

ROWS_AT_ONCE = 50_000
"""Rows of one row group; so many are held in memory."""
_NEVER_NULL = frozenset(
    {"uid", "started_at", "provider_name", "request_model", "usage_status", "cost_status", "sources"}
)


def write_parquet(path: Path, calls: Iterable[ExportedCall]) -> int:
    """
    Write a file, whole or not at all; returns how many rows.

    `cost_usd` is DECIMAL(38, 12): exact. Raises `UnavailableError` without pyarrow, `OSError` when it cannot be
    written.
    """
    pyarrow, parquet = _library()
    schema = _schema(pyarrow)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    written = 0
    rows = (call.row() for call in calls)
    try:
        with parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for group in _groups(rows):
                writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
                written += len(group)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _library() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UnavailableError(
            "Parquet needs pyarrow, which is not installed", hint="pip install 'codesession[parquet]'"
        ) from error


def _schema(pyarrow: Any) -> Any:
    kinds = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "time": pyarrow.timestamp("ms", tz="UTC"),
        "money": pyarrow.decimal128(38, 12),
    }
    fields = [pyarrow.field(name, kinds[kind], nullable=name not in _NEVER_NULL) for name, kind in COLUMNS.items()]
    return pyarrow.schema(fields, metadata={"codesession.table": "calls", "codesession.schema_version": "1"})


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, ROWS_AT_ONCE)):
        yield group
