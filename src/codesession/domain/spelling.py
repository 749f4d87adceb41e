"""Paths as text: names on disk are bytes, and those that are no UTF-8 are no text anything could keep or show."""

from __future__ import annotations


def spelled(path: str) -> str:
    r"""A path with such bytes as `\xff`, so that different paths stay different; half characters become `?`."""
    if path.isascii():
        return path
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # what no file system gave us
        return path.encode("utf-8", "replace").decode()
