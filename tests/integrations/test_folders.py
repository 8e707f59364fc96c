"""Module folders: read whole or refused, and never run before they are let in (`rules.md` 7.8)."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from integrations.entries import Entry
from integrations.folders import FILE_BYTES, FILES, take_snapshot
from integrations.registry import Registry
from tests.kit.outside import put_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put_module(tmp_path / "modules")


@pytest.fixture
def registry(folder: Path) -> Iterator[Registry]:
    made = Registry.builtin(folder.parent)
    made.take_in(made.look_outside())
    yield made
    made.close()


def found(registry: Registry) -> Entry:
    (entry,) = registry.look_outside()
    return entry


def problem(folder: Path) -> str:
    """Return why a folder is refused."""
    return str(found(Registry.builtin(folder.parent)).problem)


def test_the_hash_tells_every_change_of_content_and_of_names(folder: Path) -> None:
    digests = [take_snapshot(folder).digest]
    (folder / "words.py").write_text("WORD = 'other'\n")
    digests.append(take_snapshot(folder).digest)
    (folder / "words.py").rename(folder / "sword.py")
    digests.append(take_snapshot(folder).digest)
    (folder / "empty").touch()
    digests.append(take_snapshot(folder).digest)
    assert len(set(digests)) == len(digests)


def test_what_python_compiled_is_neither_hashed_nor_run(folder: Path, registry: Registry) -> None:
    before = take_snapshot(folder).digest
    cache = folder / "__pycache__"
    cache.mkdir()
    (cache / f"words.{sys.implementation.cache_tag}.pyc").write_bytes(b"not what was approved")
    assert take_snapshot(folder).digest == before
    registry.admit(found(registry))
    assert vars(type(registry.module("foreign-prices")))["word"] == "first"
    assert len(list(cache.iterdir())) == 1


def test_a_link_a_huge_file_a_pipe_and_too_many_files_are_refused(folder: Path) -> None:
    (folder / "link.py").symlink_to("/etc/hostname")
    assert "is a link" in problem(folder)
    (folder / "link.py").unlink()
    (folder / "huge").write_bytes(b"0" * (FILE_BYTES + 1))
    assert "too large" in problem(folder)
    (folder / "huge").unlink()
    os.mkfifo(folder / "pipe")
    assert "no plain file" in problem(folder)
    (folder / "pipe").unlink()
    for number in range(FILES):
        (folder / str(number)).touch()
    assert "holds too much" in problem(folder)


def test_a_folder_that_is_a_link_itself_is_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "links"
    other.mkdir()
    (other / "foreign-prices").symlink_to(folder, target_is_directory=True)
    assert "is a link" in problem(other / "foreign-prices")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"migrations": ["../../secret.sql"]}, "not in the folder"),
        ({"schema_file": "/etc/passwd"}, "not in the folder"),
        ({"entrypoint": "core.db:register"}, "must begin with foreign_prices"),
        ({"slug": "rp"}, "both must be the same"),
        ({"min_core_version": ">=99.0.0"}, "works with Chimera"),
    ],
)
def test_a_manifest_that_reaches_out_of_its_folder_is_refused(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    assert reason in problem(put_module(tmp_path / "modules", **changes))


def test_a_folder_cannot_take_the_name_of_another_module_or_package(folder: Path) -> None:
    for name, said in (("rp", "There is a module"), ("json", "There is a package")):
        manifest = (folder / "module.json").read_text().replace(folder.name, name)
        (folder / "module.json").write_text(manifest.replace(f"{folder.name.replace('-', '_')}:", f"{name}:"))
        folder = folder.rename(folder.parent / name)
        assert said in problem(folder)


def test_code_does_not_run_before_it_is_let_in_nor_after_it_was_dismissed(registry: Registry) -> None:
    with pytest.raises(BadInput, match="waits for an owner's approval"):
        registry.module("foreign-prices")
    assert "foreign_prices" not in sys.modules
    registry.admit(found(registry))
    assert registry.capabilities("foreign-prices") == {"channel"}
    registry.dismiss("foreign-prices")
    assert "foreign_prices" not in sys.modules
    with pytest.raises(BadInput, match="waits for an owner's approval"):
        registry.module("foreign-prices")


def test_what_runs_is_what_was_read_whatever_stands_there_by_then(folder: Path, registry: Registry) -> None:
    approved = found(registry)
    (folder / "words.py").write_text("raise SystemExit('not what was approved')\n")
    (folder / "sneaked.py").touch()
    registry.admit(approved)
    assert vars(type(registry.module("foreign-prices")))["word"] == "first"
    with pytest.raises(ImportError):
        import_module("foreign_prices.sneaked")
    registry.take_in(registry.look_outside())
    assert registry.admitted("foreign-prices") == approved.snapshot.digest if approved.snapshot else False


@pytest.mark.parametrize(
    "crime", ["raise RuntimeError('no')", "raise SystemExit(3)", "def register(:", "import nothing_x"]
)
def test_a_module_that_breaks_on_import_is_named_and_the_others_live(
    folder: Path, registry: Registry, crime: str
) -> None:
    (folder / "words.py").write_text(f"{crime}\n")
    registry.admit(found(registry))
    with pytest.raises(BadInput, match="cannot be loaded"):
        registry.module("foreign-prices")
    assert registry.module("rp").name == "rp"
