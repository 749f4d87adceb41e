"""Paths as text: names on disk are bytes, and those that are no UTF-8 are no text anything could keep or show."""

from __future__ import annotations

import os


def spelled(path: str) -> str:
    r"""A path with such bytes as `\xff`, so that different paths stay different; half characters become `?`."""
    if path.isascii():
        return path
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # what no file system gave us
        return path.encode("utf-8", "replace").decode()


def unspelled(text: str) -> str:
    """The path that is spelled so. Only where folders are parted by `/`: elsewhere a backslash does that."""
    if "\\x" not in text or not text.startswith("/"):
        return text
    import re  # rarely needed, and this is in a hook's way

    return re.sub(r"\\x([89a-f][0-9a-f])", lambda byte: os.fsdecode(bytes.fromhex(byte[1])), text)
