"""Finds modules without importing them, and imports each when it is first used (MO-2, MO-12)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, cast

import structlog

from core.configuration.modules import misplaced_secrets
from core.errors import BadInput
from core.forms.describing import describe
from core.i18n import bring, take_back
from core.texts import T, Text
from integrations.contract import Module, SettingsModel
from integrations.entries import Entry, Origin, inspect, inspect_folder, inspect_packages
from integrations.folders import SnapshotImporter, module_folders
from integrations.manifest import DIALECT, FILE_NAME

ENTRY_POINTS = "chimera.modules"
_DISTRIBUTION = "chimera"
log = structlog.get_logger(__name__)


class Registry:
    """The modules of this hub by name. A broken one is listed with its problem and hurts no other."""

    def __init__(self, entries: Iterable[Entry], outside: Path | None = None) -> None:
        self._outside = outside
        self._importers: dict[str, SnapshotImporter] = {}
        self._entries: dict[str, Entry] = {}
        for entry in entries:
            if self._entries.setdefault(entry.name, entry) is not entry:
                log.warning("module_name_taken", module=entry.name, folder=str(entry.folder))
        self._modules: dict[str, Module] = {}
        for entry in self._entries.values():
            if entry.origin is Origin.PACKAGE and entry.problem is None:
                bring(entry.name, entry.texts)

    @classmethod
    def builtin(cls, outside: Path | None = None) -> "Registry":
        """Find the modules beside this file, those that installed packages announce, and those in folders `outside`.

        The last are only read; `admit` lets them be used.
        """
        hub = metadata.version(_DISTRIBUTION)
        folders = sorted(path.parent for path in Path(__file__).parent.glob(f"*/{FILE_NAME}"))
        found = [inspect(folder, Origin.BUILTIN, hub) for folder in folders]
        packages = inspect_packages(metadata.entry_points(group=ENTRY_POINTS), hub)
        return cls([*found, *packages], outside)

    def look_outside(self) -> list[Entry]:
        """Read the module folders as they are now; takes a while, and changes nothing."""
        if self._outside is None:
            return []
        hub = metadata.version(_DISTRIBUTION)
        return [self._free(inspect_folder(folder, hub)) for folder in module_folders(self._outside)]

    def _free(self, entry: Entry) -> Entry:
        """Return the entry, with a problem if another module has its name."""
        known = self._entries.get(entry.name)
        if known is None or known.origin is Origin.FOLDER:
            return entry
        return replace(entry, problem=T("There is a module “{name}” already.", name=entry.name), snapshot=None)

    def take_in(self, found: Iterable[Entry]) -> None:
        """Replace the folders' modules by those found; what is in use goes on as it was admitted."""
        for entry in [one for one in self if one.origin is Origin.FOLDER and one.name not in self._importers]:
            del self._entries[entry.name]
        for entry in found:
            self._entries.setdefault(entry.name, _unapproved(entry))

    def admit(self, entry: Entry) -> None:
        """Let the module of a folder be used as it was read, in place of what was admitted before."""
        assert entry.manifest is not None and entry.snapshot is not None  # noqa: S101, PT018 - by the caller
        self.dismiss(entry.name)
        importer = SnapshotImporter(entry.snapshot, entry.manifest.package)
        importer.open()
        self._importers[entry.name] = importer
        self._entries[entry.name] = entry
        bring(entry.name, entry.texts)

    def dismiss(self, name: str) -> None:
        """Use the module of a folder no longer; what it has open is for others to close."""
        if (importer := self._importers.pop(name, None)) is not None:
            importer.close()
            take_back(name)
            self._modules.pop(name, None)
            self._entries[name] = _unapproved(self._entries[name])

    def admitted(self, name: str) -> str | None:
        """Return the hash under which the module of a folder is in use, None if it is not."""
        entry = self._entries.get(name)
        return entry.snapshot.digest if entry and entry.snapshot and name in self._importers else None

    def close(self) -> None:
        for name in list(self._importers):
            self.dismiss(name)
        for name in self._entries:
            take_back(name)

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

    def trouble(self, name: str) -> Text | None:
        """Return why a module that was found cannot be used; None if it can, and of one that is not there."""
        if name not in self._entries:
            return None
        try:
            self.module(name)
        except BadInput as error:
            return error.text
        return None

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


def _unapproved(entry: Entry) -> Entry:
    waits = T("“{name}” waits for an owner's approval: Settings, Modules.", name=entry.name)
    return replace(entry, problem=entry.problem or waits)


def _load(name: str, entrypoint: str) -> Module:
    path, _, function = entrypoint.partition(":")
    try:
        module = getattr(import_module(path), function)()
    except (Exception, SystemExit) as error:
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
    _judge(name, settings)
    return cast("Module", module)


def _judge(name: str, settings: type[SettingsModel]) -> None:
    """Raise BadInput for settings that no form could show, or whose secrets would not be kept as such."""
    try:
        describe(settings)
    except Exception as error:
        log.exception("module_broken", module=name)
        problem = T("The module “{name}” has a setting that no form can show: {reason}.", name=name, reason=str(error))
        raise BadInput(problem) from error
    if found := misplaced_secrets(settings):
        raise BadInput(
            T(
                "The module “{name}” hides secrets inside of {fields}. They must be settings of their own.",
                name=name,
                fields=found,
            )
        )
