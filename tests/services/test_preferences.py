"""The configuration is changed by lines, and only if it then says what it should."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from codesession.domain.report import Currency
from codesession.errors import InvalidInputError
from codesession.services.preferences import write_currency

EURO = Currency(code="EUR", rate=Decimal("0.92"))


@pytest.mark.parametrize(
    "before",
    ["", "# mine\n", "[agent]\nname = 'a'\n", "[report]\ncurrency = 'GBP'\nrate = 0.8\n[agent]\nname = 'a'\n",
     "[report] # money\n# keep\n[agent]\nname='a'", "[ report ]\nrate=1\ncurrency='USD'"],
)  # fmt: skip
def test_a_currency_is_set_and_dropped_again(tmp_path: Path, before: str) -> None:
    """Everything else stays, comments too."""
    path = tmp_path / "folder" / "config.toml"
    if before:
        path.parent.mkdir()
        path.write_text(before)

    write_currency(path, EURO)
    found = tomllib.loads(path.read_text())
    assert found["report"] == {"currency": "EUR", "rate": "0.92"}
    assert {"report": None, **found}.keys() == {"report": None, **tomllib.loads(before)}.keys()
    assert all(line in path.read_text() for line in before.splitlines() if line.startswith("#"))

    write_currency(path, None)
    assert tomllib.loads(path.read_text()).get("report", {}) == {}


def test_ends_of_lines_modes_and_links_stay(tmp_path: Path) -> None:
    """People keep their settings in a repository and link to them."""
    real, path = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_bytes(b"# mine\r\n")
    real.chmod(0o640)
    path.symlink_to(real)

    write_currency(path, EURO)

    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n") > 1


@pytest.mark.parametrize(
    "before", ["report = {currency = 'GBP', rate = 1}\n", "report.rate = 1\n", "[report\n", "\xff"]
)
def test_a_file_that_cannot_be_changed_line_by_line_is_left_alone(tmp_path: Path, before: str) -> None:
    """With a word about it; nothing is lost."""
    path = tmp_path / "config.toml"
    path.write_bytes(before.encode("latin-1"))

    with pytest.raises(InvalidInputError, match="was not changed"):
        write_currency(path, EURO)

    assert path.read_bytes() == before.encode("latin-1")
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]
