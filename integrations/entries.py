"""Finding modules by their manifests, without importing anything from them (MO-2, MO-12)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import structlog

from core.errors import BadInput
from core.i18n import Catalogues
from core.texts import T, Text
from integrations.folders import Snapshot, SnapshotLoader, take_snapshot
from integrations.manifest import FILE_NAME, Manifest
from integrations.wordings import read_files, read_folder

log = structlog.get_logger(__name__)


class Origin(StrEnum):
    """Where a module comes from."""

    BUILTIN = "builtin"
    PACKAGE = "package"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """A module that was found. With a `problem` it cannot be used; `manifest` is None if unreadable.

    `details` says it place by place. `snapshot` is what stands in a module folder; the module of a folder is
    used once that was approved. `texts` are the module's own translations.
    """

    name: str
    origin: Origin
    folder: Path
    manifest: Manifest | None
    problem: Text | None = None
    snapshot: Snapshot | None = None
    details: tuple[Text, ...] = ()
    texts: Catalogues = field(default_factory=dict)

    def approved_as(self, digest: str | None) -> bool:
        """Tell whether this is, in working order, what was approved under a hash."""
        return self.problem is None and self.snapshot is not None and self.snapshot.digest == digest


def inspect(folder: Path, origin: Origin, hub: str) -> Entry:
    """Read a module's manifest without importing anything from its folder."""
    try:
        manifest = Manifest.load(folder)
        texts = read_folder(folder)
    except BadInput as error:
        return _unreadable(folder, origin, error)
    _warn(manifest)
    return Entry(manifest.slug, origin, folder, manifest, _misfit(manifest, hub), texts=texts)


def inspect_folder(folder: Path, hub: str) -> Entry:
    """Read a module folder from outside: all of its files, for they are what is approved."""
    try:
        snapshot = take_snapshot(folder)
        manifest = Manifest.parse_in(folder, snapshot.files[FILE_NAME])
        _check_files(manifest, snapshot)
        _check_package(manifest)
        texts = read_files(snapshot.files)
    except BadInput as error:
        return _unreadable(folder, Origin.FOLDER, error)
    _warn(manifest)
    return Entry(manifest.slug, Origin.FOLDER, folder, manifest, _misfit(manifest, hub), snapshot, texts=texts)


def inspect_packages(points: Iterable[EntryPoint], hub: str) -> Iterator[Entry]:
    """Read the manifests of the modules that installed packages announce."""
    for point in points:
        folder = _package_folder(point.module)
        if folder is not None:
            yield inspect(folder, Origin.PACKAGE, hub)
        else:
            text = T("The package of the module “{name}” has no {file}.", name=point.name, file=FILE_NAME)
            yield Entry(point.name, Origin.PACKAGE, Path(), None, text)


def _unreadable(folder: Path, origin: Origin, error: BadInput) -> Entry:
    log.warning("module_unreadable", folder=str(folder), problems=[str(text) for text in error.problems])
    return Entry(folder.name, origin, folder, None, error.text, details=tuple(error.problems))


def _warn(manifest: Manifest) -> None:
    if manifest.unknown:
        log.warning("module_manifest_unknown_keys", module=manifest.slug, keys=manifest.unknown)


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


def _check_files(manifest: Manifest, snapshot: Snapshot) -> None:
    """Raise BadInput for a manifest that names files which are not in its folder."""
    for name in [*manifest.migrations, *([manifest.schema_file] if manifest.schema_file else [])]:
        if name not in snapshot.files:
            raise BadInput(T("The manifest names {file}, which is not in the folder.", file=name))


def _check_package(manifest: Manifest) -> None:
    """Raise BadInput for a package that is not the folder's own, or would hide behind one that exists."""
    package = manifest.package
    if manifest.entrypoint.partition(":")[0].partition(".")[0] != package:
        raise BadInput(T("The entry point must begin with {package}, as the folder is called.", package=package))
    found = find_spec(package)
    if found is not None and not isinstance(found.loader, SnapshotLoader):
        raise BadInput(T("There is a package {package} already: the module needs another name.", package=package))


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
