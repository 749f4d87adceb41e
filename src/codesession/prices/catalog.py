"""
Finding a model's price table: which file, which entry, and how sure that is.

Files are read when a provider is first asked for. Answers are kept in a bounded cache, because logs name the
same few models over and over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from codesession.domain.facts import fact
from codesession.domain.provider_names import LOCAL, canonical_provider
from codesession.prices.keys import canonical
from codesession.prices.tables import OF_ANOTHER_SHAPE, ModelTable, Policy, read_policy, unreadable
from codesession.prices.vendors import CLOUDS, RESELLERS, maker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.prices.model_ids import Spellings

PACKAGED = Path(__file__).parent / "data"
_CACHED_MODELS = 4096


@fact(frozen=True, slots=True)
class Match:
    """The table that prices a model, and what finding it said about the price."""

    table: ModelTable
    cloud: str | None = None
    """The cloud that sells another maker's model."""
    cloud_scope: str | None = None
    """Bedrock's region group as the model id names it."""
    doubt: str | None = None
    """Why this is the maker's list price rather than the biller's own."""


def _read(path: Path) -> dict[str, Any]:
    """A price file; a damaged one (the user's folder) is an error that names it."""
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    return content


def _index(path: Path) -> dict[str, Any]:
    """What a folder says of itself."""
    content = _read(path)
    texts = ("version", "date", "reviewed")
    if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in texts):
        raise unreadable(path, "it names no version and date")
    if not isinstance(content.get("providers"), list):
        raise unreadable(path, "it names no providers")
    return content


class ProviderFile:
    """One provider's prices."""

    def __init__(self, provider: str, path: Path) -> None:
        self.provider = provider
        self._path = path
        data = _read(path)
        try:
            self.policy: Policy = read_policy(data.get("policy", {}))
            self._ids: Mapping[str, str] = dict(data["ids"])
            self._models: Mapping[str, Any] = dict(data["models"])
        except OF_ANOTHER_SHAPE as error:
            raise unreadable(path, repr(error)) from error
        self._tables: dict[str, ModelTable] = {}

    def find(self, keys: tuple[str, ...]) -> ModelTable | None:
        """The table of the first key that is known."""
        for key in keys:
            model = self._ids.get(key)
            if model is not None:
                return self.table(model)
        return None

    def table(self, model: str) -> ModelTable:
        """The table of a model that is known to be here."""
        found = self._tables.get(model)
        if found is None:
            try:
                found = ModelTable(self.provider, model, self._models[model], self.policy, self._path)
            except OF_ANOTHER_SHAPE as error:
                raise unreadable(self._path, f"{model}: {error!r}") from error
            self._tables[model] = found
        return found

    def models(self) -> list[str]:
        """Every model, by name."""
        return sorted(self._models)


class Catalog:
    """The price files of one folder (the packaged one, or a newer one of the user's)."""

    def __init__(self, folder: Path = PACKAGED, aliases: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._aliases = {canonical(name): target for name, target in (aliases or {}).items()}
        self._files: dict[str, ProviderFile | None] = {}
        self._index: dict[str, Any] | None = None
        self.find: Callable[[str | None, str], Match | None] = lru_cache(_CACHED_MODELS)(self._find)
        """The table for a model as `provider` bills it, or None: `find(provider, model)`."""

    @property
    def index(self) -> dict[str, Any]:
        """`version`, `date` and the provider names of the folder."""
        if self._index is None:
            self._index = _index(self.folder / "index.json")
        return self._index

    @property
    def version(self) -> str:
        """Version of the data, for example `2026-11-22+genai-prices-0.2.3`."""
        return str(self.index["version"])

    def newer_than(self, other: Catalog) -> bool:
        """Whether this set is of the same day or a later one and its corrections are not older."""
        mine, theirs = self.index, other.index
        return bool(mine["date"] >= theirs["date"] and mine["reviewed"] >= theirs["reviewed"])

    def providers(self) -> list[str]:
        """Every provider with prices, the makers of models first."""
        return list(self.index["providers"])

    def file(self, provider: str) -> ProviderFile | None:
        """A provider's prices, read once; None for a provider without any."""
        if provider not in self._files:
            path = self.folder / f"{provider}.json"
            known = provider in self.index["providers"]
            self._files[provider] = ProviderFile(provider, path) if known else None
        return self._files[provider]

    def alias(self, model: str) -> str:
        """What the user says a name stands for (an Azure deployment), else the name itself."""
        return self._aliases.get(canonical(model), model) if self._aliases else model

    def _find(self, provider: str | None, model: str) -> Match | None:
        named, biller = self.alias(model), canonical_provider(provider)
        if biller is not None and biller not in CLOUDS and (own := self.file(biller)) is not None:
            table = own.find((canonical(named),))
            if table is not None:  # as the provider itself spells it
                return Match(table=table)
        from codesession.prices.model_ids import spellings  # patterns to compile, for the few other ids

        return self._read_id(biller, spellings(named))

    def _read_id(self, biller: str | None, read: Spellings) -> Match | None:
        """The table for an id that is no plain name of the biller's."""
        if read.cloud_scope is not None and (biller is None or biller == maker(read.keys)):
            biller = "bedrock"  # only Amazon's ids are spelled like that
        if biller is None:
            biller = canonical_provider(read.prefix) if read.prefix else None
            if biller is None or (self.file(biller) is None and biller not in CLOUDS | LOCAL):
                return self._anywhere(read)
        if biller in LOCAL:
            return None
        if biller in CLOUDS:
            return self._in_cloud(biller, read)
        own = self.file(biller)
        if own is not None:
            table = own.find(read.keys)
            if table is not None:
                return Match(table=table)
            if biller == "google":
                return self._in_cloud("vertex", read)
            if biller not in RESELLERS:
                return None
        return self._from_maker(read, f"{biller} publishes no price for it")

    def _in_cloud(self, cloud: str, read: Spellings) -> Match | None:
        """A cloud's own models first; other makers' at the makers' prices."""
        own = self.file(cloud)
        table = own.find(read.keys) if own is not None else None
        if table is None:
            made_by = maker(read.keys)
            file = self.file(made_by) if made_by else None
            table = file.find(read.keys) if file is not None else None
        if table is None:
            return None
        doubt = "Azure prices depend on the deployment's region" if cloud == "azure" else None
        return Match(table=table, cloud=cloud, cloud_scope=read.cloud_scope, doubt=doubt)

    def _from_maker(self, read: Spellings, doubt: str) -> Match | None:
        made_by = maker(read.keys)
        file = self.file(made_by) if made_by else None
        table = file.find(read.keys) if file is not None else None
        return Match(table=table, doubt=f"{doubt}; {made_by}'s list price") if table is not None else None

    def _anywhere(self, read: Spellings) -> Match | None:
        """Without a provider: the maker's own price, else the one provider that has the model."""
        found = self._from_maker(read, "the provider is not named")
        if found is not None:
            return found
        tables = [table for file in map(self.file, self.providers()) if file and (table := file.find(read.keys))]
        if len(tables) != 1:
            return None
        return Match(table=tables[0], doubt=f"the provider is not named; {tables[0].provider}'s price")
