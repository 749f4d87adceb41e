"""Reading `git status --porcelain=v2 -z --branch`."""

from __future__ import annotations

from codesession.services.repo.status import parse_status

OID = b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_every_kind_of_record() -> None:
    """Tracked, added, unmerged, untracked, nested repository; paths hold spaces."""
    records = [
        b"# branch.oid " + OID,
        b"# branch.head feature/x",
        b"# branch.upstream origin/x",
        b"1 .M N... 100644 100644 100644 " + OID + b" " + OID + b" a b",
        b"1 A. N... 000000 100644 100644 " + OID + b" " + OID + b" added",
        b"u UU N... 100644 100644 100644 100644 " + OID + b" " + OID + b" " + OID + b" both ways",
        b"? new file",
        b"? nested/",
        b"",
    ]

    status = parse_status(b"\0".join(records))

    assert (status.head, status.branch) == (OID.decode(), "feature/x")
    assert status.dirty == {b"a b": True, b"added": False, b"both ways": True, b"new file": False}


def test_a_file_taken_out_of_the_index_but_left_there_is_known_to_head() -> None:
    """`git rm --cached` gives two records for one path."""
    removed = b"1 D. N... 100644 000000 000000 " + OID + b" " + OID + b" f"

    assert parse_status(b"\0".join([removed, b"? f", b""])).dirty == {b"f": True}


def test_neither_commit_nor_branch() -> None:
    """An unborn branch has a name and no commit; a detached HEAD the reverse."""
    unborn = parse_status(b"# branch.oid (initial)\0# branch.head main\0")
    detached = parse_status(b"# branch.oid " + OID + b"\0# branch.head (detached)\0")

    assert (unborn.head, unborn.branch) == (None, "main")
    assert (detached.head, detached.branch) == (OID.decode(), None)
