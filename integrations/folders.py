"""Module folders: read and hashed, never imported before an owner approved exactly that hash (`rules.md` 7.8).

What is imported later are the bytes that were hashed, from memory: nothing that changes in the
folder meanwhile can slip in.
"""

import hashlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

from core.errors import BadInput
from core.texts import T
from integrations.manifest import FILE_NAME

FOLDERS = 100
FILES = 500
FILE_BYTES = 1024 * 1024
ALL_BYTES = 8 * 1024 * 1024
_CACHE = "__pycache__"
_READ_ONLY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a folder by their path in it, and the hash over all of them."""

    folder: Path
    files: Mapping[str, bytes]
    digest: str

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


def module_folders(root: Path) -> list[Path]:
    """Return the folders below `root` that hold a manifest, in alphabetical order; none if there is no such folder."""
    found = sorted(path.parent for path in root.glob(f"*/{FILE_NAME}")) if root.is_dir() else []
    return found[:FOLDERS]


def take_snapshot(folder: Path) -> Snapshot:
    """Read a folder whole. Raises BadInput for links, things that are no files, and too much of anything."""
    files: dict[str, bytes] = {}
    size = 0
    if folder.is_symlink():
        raise BadInput(T("{name} is a link. Links are not followed.", name=folder.name))
    try:
        for path in _paths(folder):
            name = path.relative_to(folder).as_posix()
            files[name] = _content(path, name)
            size += len(files[name])
            if len(files) > FILES or size > ALL_BYTES:
                raise BadInput(T("The folder {name} holds too much for a module.", name=folder.name))
    except OSError as error:
        raise BadInput(
            T("The folder {name} cannot be read: {reason}.", name=folder.name, reason=error.strerror or "?")
        ) from None
    return Snapshot(folder, files, _digest(files))


def _paths(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_symlink():
            raise BadInput(T("{name} is a link. Links are not followed.", name=entry.name))
        if entry.is_dir(follow_symlinks=False):
            # What Python once compiled is neither hashed nor read: only sources count.
            yield from _paths(Path(entry.path)) if entry.name != _CACHE else ()
        else:
            yield Path(entry.path)


def _content(path: Path, name: str) -> bytes:
    with open(os.open(path, _READ_ONLY), "rb") as file:  # noqa: PTH123 - by descriptor, so that no link is followed
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadInput(T("{name} is no plain file.", name=name))
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise BadInput(T("The file {name} is too large for a module.", name=name))
    return content


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{hashlib.sha256(files[name]).hexdigest()} {name}\0".encode())
    return whole.hexdigest()


class SnapshotImporter(MetaPathFinder):
    """Imports one package from a snapshot. `close` forgets it with all that was imported from it."""

    def __init__(self, snapshot: Snapshot, package: str) -> None:
        self._package = package
        self._files = {str(snapshot.folder / name): content for name, content in snapshot.files.items()}
        sources = [name for name in snapshot.files if name.endswith(".py")]
        self._places = {_dotted(package, name): str(snapshot.folder / name) for name in sources}

    def open(self) -> None:
        sys.meta_path.insert(0, self)

    def close(self) -> None:
        sys.meta_path.remove(self)
        for name in [name for name in sys.modules if name.partition(".")[0] == self._package]:
            del sys.modules[name]

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        place = self._places.get(fullname)
        if place is None:
            return None
        loader = SnapshotLoader(fullname, place, self._files)
        package = place.endswith("__init__.py")
        spec = spec_from_file_location(
            fullname, place, loader=loader, submodule_search_locations=[] if package else None
        )
        if spec is not None and package:
            # No place on the disk: what was added there later is not part of the package.
            spec.submodule_search_locations = []
        return spec


class SnapshotLoader(SourceFileLoader):
    """Loads sources from memory alone: neither the disk nor what was compiled once has a say."""

    def __init__(self, fullname: str, place: str, files: Mapping[str, bytes]) -> None:
        super().__init__(fullname, place)
        self._files = files

    def get_data(self, path: str) -> bytes:
        if path not in self._files:
            raise OSError(path)
        return self._files[path]

    def path_stats(self, path: str) -> dict[str, float]:
        """Know no time of change, so that nothing compiled is looked for or left behind."""
        raise OSError(path)


def _dotted(package: str, name: str) -> str:
    """Return what the module in a file is called: `pack`, `pack.part`, `pack.sub.part`."""
    parts = [package, *name.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
