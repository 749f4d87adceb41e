"""What recording adds to a call through the proxy."""

from __future__ import annotations

import argparse

from benchmarks import proxy_bench
from benchmarks.installed import Installation
from benchmarks.measure import Row


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """The proxy with recording against a bare relay on the same libraries."""
    return [proxy_bench.latency_row()]
