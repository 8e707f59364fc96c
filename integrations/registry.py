"""Finds modules without importing them, and imports each when it is first used (MO-2, MO-12)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module, metadata
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import structlog

from core.errors import BadInput
from core.texts import T, Text
from integrations.contract import Module, SettingsModel
from integrations.manifest import DIALECT, FILE_NAME, Manifest

ENTRY_POINTS = "chimera.modules"
_DISTRIBUTION = "chimera"
log = structlog.get_logger(__name__)


class Origin(StrEnum):
    """Where a module comes from."""

    BUILTIN = "builtin"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Entry:
    """A module that was found. With a `problem` it cannot be used; `manifest` is None if unreadable."""

    name: str
    origin: Origin
    folder: Path
    manifest: Manifest | None
    problem: Text | None = None


class Registry:
    """The modules of this hub by name. A broken one is listed with its problem and hurts no other."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[str, Entry] = {}
        for entry in entries:
            if self._entries.setdefault(entry.name, entry) is not entry:
                log.warning("module_name_taken", module=entry.name, folder=str(entry.folder))
        self._modules: dict[str, Module] = {}

    @classmethod
    def builtin(cls) -> "Registry":
        """Find the modules beside this file and those that installed packages announce."""
        hub = metadata.version(_DISTRIBUTION)
        folders = sorted(path.parent for path in Path(__file__).parent.glob(f"*/{FILE_NAME}"))
        found = [inspect(folder, Origin.BUILTIN, hub) for folder in folders]
        return cls([*found, *_from_packages(metadata.entry_points(group=ENTRY_POINTS), hub)])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def names(self) -> list[str]:
        """Return the names of the modules that can be used, in alphabetical order."""
        return sorted(name for name, entry in self._entries.items() if entry.problem is None)

    def entry(self, name: str) -> Entry:
        """Return what was found under a name. Raises BadInput naming those that exist."""
        if name not in self._entries:
            raise BadInput(
                T("There is no module “{name}”. There are: {names}.", name=name, names=", ".join(self.names()) or "-")
            )
        return self._entries[name]

    def module(self, name: str) -> Module:
        """Return a module ready for use, imported on first demand. Raises BadInput."""
        if name not in self._modules:
            entry = self.entry(name)
            if entry.manifest is None or entry.problem is not None:
                raise BadInput(entry.problem or T("The module “{name}” has no manifest.", name=name))
            self._modules[name] = _load(name, entry.manifest.entrypoint)
        return self._modules[name]

    def settings_model(self, name: str) -> type[SettingsModel]:
        """Return the settings model of a module. Raises BadInput."""
        return self.module(name).Settings

    def capabilities(self, name: str) -> frozenset[str]:
        """Return what a module can be used for. Raises BadInput."""
        return frozenset(self.module(name).capabilities)

    def settings_schema(self, name: str) -> dict[str, Any]:
        """Return the settings contract of a module: JSON Schema of its settings. Raises BadInput."""
        schema = self.module(name).Settings.model_json_schema()
        manifest = self.entry(name).manifest
        return {"$schema": DIALECT, "schema_version": manifest.version if manifest else "", **schema}


def inspect(folder: Path, origin: Origin, hub: str) -> Entry:
    """Read a module's folder without importing anything from it."""
    try:
        manifest = Manifest.load(folder)
    except BadInput as error:
        log.warning("module_unreadable", folder=str(folder), problems=[str(text) for text in error.problems])
        return Entry(folder.name, origin, folder, None, error.text)
    if manifest.unknown:
        log.warning("module_manifest_unknown_keys", module=manifest.slug, keys=manifest.unknown)
    return Entry(manifest.slug, origin, folder, manifest, _misfit(manifest, hub))


def _misfit(manifest: Manifest, hub: str) -> Text | None:
    if manifest.works_with(hub):
        return None
    return T(
        "The module “{name}” {version} works with Chimera {wanted}; this is {hub}.",
        name=manifest.slug,
        version=manifest.version,
        wanted=manifest.min_core_version,
        hub=hub,
    )


def _from_packages(points: Iterable[EntryPoint], hub: str) -> Iterator[Entry]:
    for point in points:
        folder = _package_folder(point.module)
        if folder is not None:
            yield inspect(folder, Origin.PACKAGE, hub)
        else:
            text = T("The package of the module “{name}” has no {file}.", name=point.name, file=FILE_NAME)
            yield Entry(point.name, Origin.PACKAGE, Path(), None, text)


def _package_folder(dotted: str) -> Path | None:
    """Find the innermost package of a module path that holds a manifest; imports nothing."""
    top, *rest = dotted.split(".")
    spec = find_spec(top)
    for place in (spec and spec.submodule_search_locations) or []:
        folder = Path(place, *rest)
        for candidate in (folder, *folder.parents[: len(rest)]):
            if (candidate / FILE_NAME).is_file():
                return candidate
    return None


def _load(name: str, entrypoint: str) -> Module:
    path, _, function = entrypoint.partition(":")
    try:
        module = getattr(import_module(path), function)()
    except Exception as error:
        log.exception("module_broken", module=name)
        raise BadInput(
            T(
                "The module “{name}” cannot be loaded: {error}. The log tells more.",
                name=name,
                error=type(error).__name__,
            )
        ) from error
    settings = getattr(module, "Settings", None)
    if (
        getattr(module, "name", None) != name
        or not getattr(module, "capabilities", None)
        or not (isinstance(settings, type) and issubclass(settings, SettingsModel))
    ):
        raise BadInput(
            T("The module “{name}” does not keep to the contract: name, capabilities or Settings are wrong.", name=name)
        )
    return cast("Module", module)
