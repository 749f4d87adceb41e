"""Fingerprints of files."""

from __future__ import annotations

import os
from pathlib import Path

from codesession.services.repo.fingerprint import ABSENT, Fingerprints


def test_content_and_mode_count_but_not_times(tmp_path: Path) -> None:
    """A file written again with the same content is unchanged."""
    file = tmp_path / "f"
    file.write_text("a")
    mark = Fingerprints(tmp_path).of(b"f")
    os.utime(file, (1, 1))
    assert Fingerprints(tmp_path).unchanged(b"f", mark)
    file.write_text("b")
    assert not Fingerprints(tmp_path).unchanged(b"f", mark)
    file.write_text("a")
    file.chmod(0o755)
    assert not Fingerprints(tmp_path).unchanged(b"f", mark)


def test_what_is_not_there_has_the_empty_fingerprint(tmp_path: Path) -> None:
    """Missing files, files below a file, and plain folders."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    marks = Fingerprints(tmp_path)
    for path in (b"missing", b"file/below", b"folder"):
        assert marks.of(path) == ABSENT
        assert marks.unchanged(path, ABSENT)
        assert not marks.exists(path)


def test_links_are_compared_by_target(tmp_path: Path) -> None:
    """Whether or not the target exists; it is never followed."""
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    mark = Fingerprints(tmp_path).of(b"link")
    assert Fingerprints(tmp_path).unchanged(b"link", mark)
    link.unlink()
    link.symlink_to("NOWHERE")
    assert not Fingerprints(tmp_path).unchanged(b"link", mark)


def test_reading_has_a_budget(tmp_path: Path) -> None:
    """What exceeds it is judged by size, time and inode, and later in the same way."""
    for name in ("a", "b"):
        (tmp_path / name).write_text("12345")
    marks = Fingerprints(tmp_path, budget=7)
    first, second = marks.of(b"a"), marks.of(b"b")
    assert "@" not in first
    assert "@" in second
    assert Fingerprints(tmp_path).unchanged(b"b", second)
    os.utime(tmp_path / "b", (1, 1))
    assert not Fingerprints(tmp_path).unchanged(b"b", second)


def test_times_tell_when_nothing_else_is_known(tmp_path: Path) -> None:
    """A file that is gone may have been touched."""
    file = tmp_path / "f"
    file.write_text("x")
    now_ms = file.stat().st_ctime_ns // 1_000_000
    marks = Fingerprints(tmp_path)
    assert marks.touched_since(b"f", now_ms)
    assert not marks.touched_since(b"f", now_ms + 1)
    assert marks.touched_since(b"gone", now_ms + 1)
