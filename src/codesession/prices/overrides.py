"""
The user's own prices: `~/.codesession/pricing.json`.

    {"gpt-4o": {"input": 7, "output": 9}, "acme/fast": {"input": 1, "output": 2, "cacheRead": 0.1}}

Dollars per million tokens. `provider/model` beats `model`, and both beat the built-in prices. Other tools
write the same file, so unknown fields are kept and a file that cannot be read is an error that names it,
never an empty one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from codesession.domain.pricing import decimal_string
from codesession.domain.provider_names import canonical_provider
from codesession.errors import InvalidInputError, PriceFileError
from codesession.prices.keys import canonical
from codesession.prices.tables import Fee, ModelTable, Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FIELDS = {
    "input": "input",
    "output": "output",
    "cacheRead": "cache_read",
    "cacheWrite": "cache_write",
    "cacheWrite1h": "cache_write_1h",
}
"""Names in the file -> names of rates."""
_LARGEST = Decimal(1_000_000)
"""A dollar per token: nobody charges more for text."""
_EXAMPLE = "cs pricing set my-model 1.20 4.80"


class Overrides:
    """The user's prices, read again whenever the file changes."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._source = str(path)
        self._stamp: tuple[int, int] | None = None
        self._edition = 0
        self._entries: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._tables: dict[str, ModelTable] = {}

    def as_read(self) -> Overrides:
        """The prices as they are now, which do not look at the file again: for many calls at once."""
        self._refresh()
        held = Overrides(None)
        held._entries, held._source = self._entries, self._source
        return held

    def edition(self) -> int:
        """Another number whenever the file was read again: what was found in an earlier one no longer holds."""
        self._refresh()
        return self._edition

    def exist(self) -> bool:
        """Whether the user has set any price."""
        self._refresh()
        return bool(self._entries)

    def find(self, provider: str | None, model: str, fees: tuple[Fee, ...] = ()) -> ModelTable | None:
        """The user's price for a model, the provider's own entry first."""
        if not self.exist():
            return None
        from codesession.prices.model_ids import spellings  # patterns to compile, for those who set prices

        keys = spellings(model).keys
        biller = canonical_provider(provider)
        for names in ([f"{canonical(biller)}/{key}" for key in keys] if biller else [], keys):
            for name in names:
                if name in self._entries:
                    return self._table(name, fees)
        return None

    def entries(self) -> dict[str, ModelTable]:
        """Every price by the key the user wrote."""
        self._refresh()
        return {written: self._table(name, ()) for name, (written, _) in self._entries.items()}

    def _table(self, name: str, fees: tuple[Fee, ...]) -> ModelTable:
        found = self._tables.get(name)
        if found is None or found.policy.fees != fees:
            written, row = self._entries[name]
            found = ModelTable("custom", written, {"source": self._source, "prices": [row]}, Policy(fees=fees))
            self._tables[name] = found
        return found

    def _refresh(self) -> None:
        """Reads the file if it is not the one that was read before."""
        if self.path is None:
            return
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            if self._stamp is not None:
                self._edition += 1
            self._stamp, self._entries = None, {}
            return
        except OSError as error:
            raise _broken(self.path, error.strerror or str(error)) from error
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            entries: dict[str, tuple[str, Mapping[str, Any]]] = {}
            for key, value in _read(self.path).items():
                entries[canonical(key)] = entries[_meant(key)] = (key, _row(self.path, key, value))
            self._entries, self._tables, self._stamp = entries, {}, stamp
            self._edition += 1


def set_price(
    path: Path,
    model: str,
    rates: Mapping[str, str | Decimal],
    *,
    provider: str | None = None,
) -> str:
    """
    Writes one price and returns the key it is kept under; another spelling of that key goes.

    `rates` has `input` and `output`, and may have `cacheRead`, `cacheWrite`, `cacheWrite1h`: dollars per
    million tokens as text, so that nothing is rounded. Raises InvalidInputError for anything that is not a
    price, PriceFileError when the existing file cannot be read.
    """
    name = model.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise InvalidInputError("the model needs a name of 1 to 200 printable characters")
    if unknown := rates.keys() - _FIELDS.keys():
        raise InvalidInputError(f"unknown rate {sorted(unknown)[0]!r}", hint=f"one of {', '.join(_FIELDS)}")
    checked = {field: _checked(field, value) for field, value in rates.items()}
    if missing := {"input", "output"} - checked.keys():
        raise InvalidInputError(f"a price needs {' and '.join(sorted(missing))}")
    key = f"{provider.strip()}/{name}" if provider and provider.strip() else name
    content = _read(path) if path.exists() else {}
    others = {each: value for each, value in content.items() if each == key or _meant(each) != _meant(key)}
    _write(path, {**others, key: checked})
    return key


def reset_prices(path: Path, model: str | None = None, *, provider: str | None = None) -> list[str]:
    """Removes one price, or all of them; returns the keys that are gone."""
    if not path.exists():
        return []
    content = _read(path)
    key = f"{provider}/{model}" if provider else model
    gone = [each for each in content if model is None or _meant(each) == _meant(key or "")]
    if gone:
        _write(path, {each: value for each, value in content.items() if each not in gone})
    return gone


def _meant(key: str) -> str:
    """The one spelling of a key in the file: of its provider's name, too."""
    biller, slash, model = key.partition("/")
    return f"{canonical(canonical_provider(biller) or '')}/{canonical(model)}" if slash else canonical(key)


def _checked(field: str, value: str | Decimal) -> Decimal:
    """A price as a number that is one."""
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidInputError(f"{field} is not a number: {value!r}", hint=_EXAMPLE) from error
    if not number.is_finite() or number < 0 or number > _LARGEST:
        raise InvalidInputError(f"{field} must be between 0 and {_LARGEST:,} dollars per million tokens, not {value}")
    return number


def _row(path: Path, key: str, value: Any) -> dict[str, Any]:
    """An entry of the file as a price row."""
    if not isinstance(value, dict):
        raise _broken(path, f'"{key}" is not a price')
    row: dict[str, Any] = {}
    try:
        for field, name in _FIELDS.items():
            if value.get(field) is not None:
                row[name] = decimal_string(_checked(field, _number(field, value[field])))
    except InvalidInputError as error:
        raise _broken(path, f'"{key}": {error.message}') from error
    if "input" not in row or "output" not in row:
        raise _broken(path, f'"{key}" needs input and output')
    bands = value.get("bands") or []
    if not isinstance(bands, list) or not all(isinstance(b, dict) and isinstance(b.get("above"), int) for b in bands):
        raise _broken(path, f'"{key}": bands must be a list of prices with "above"')
    if bands:
        row["bands"] = [{"above": band["above"]} | _row(path, key, {**band, "bands": None}) for band in bands]
    return row


def _number(field: str, value: Any) -> str | Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise InvalidInputError(f"{field} is not a number: {value!r}")
    return Decimal(value) if isinstance(value, int) else value


def _read(path: Path) -> dict[str, Any]:
    """The file's content with exact numbers."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(content, dict):
        raise _broken(path, "it must hold an object of prices by model")
    return content


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Replaces the file in one step, readable by its owner only."""
    import tempfile  # only writers need it, and it is slow to import

    path = Path(os.path.realpath(path))  # a link to a file that is kept elsewhere stays one
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_dump(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:  # an interrupt, too, leaves no half-written file; raised on
        Path(name).unlink()
        raise


def _dump(value: Any, indent: str = "") -> str:
    """JSON with decimals written as they are: the standard encoder would pass them through floats."""
    if isinstance(value, Decimal):
        return decimal_string(value)
    if isinstance(value, dict) and value:
        inner = indent + "  "
        rows = ",\n".join(f"{inner}{json.dumps(str(key))}: {_dump(each, inner)}" for key, each in value.items())
        return f"{{\n{rows}\n{indent}}}"
    if isinstance(value, list):
        return "[" + ", ".join(_dump(each, indent) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _broken(path: Path, why: str) -> PriceFileError:
    return PriceFileError(
        f"cannot read the prices in {path}: {why}", hint="correct or move the file; it was not changed", path=str(path)
    )
