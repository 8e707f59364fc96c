"""The house keeps its shape: arrows between rooms, sizes of files and functions, no leftovers."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "core": {"core", "locales", "migrations"},
    "integrations": {"integrations", "core"},
    "jobs": {"jobs", "integrations", "core"},
    "handlers": {"handlers", "jobs", "core"},
    "api": {"api", "jobs", "core"},
    "bot": {"bot", "handlers", "api", "jobs", "integrations", "core", "sandbox"},
    "sandbox": {"sandbox"},
}
ROOMS = {*ALLOWED, "agent"}
OUTSIDE_CORE = {"aiogram", "aiohttp", "httpx", "fastapi", "uvicorn", "dbos", "dishka", "typer"}
FILES = [path for room in ALLOWED for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("room", ALLOWED)
def test_arrows_between_rooms_run_one_way(room: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in imports(path)
        if name in ROOMS and name not in ALLOWED[room]
    }
    assert not wrong


def test_the_core_knows_no_telegram_no_http_no_engine() -> None:
    wrong = {str(path) for path in (ROOT / "core").rglob("*.py") for name in imports(path) if name in OUTSIDE_CORE}

    assert not wrong


def test_only_the_bot_loads_the_sandbox() -> None:
    users = {p.relative_to(ROOT).parts[0] for p in FILES for name in imports(p) if name == "sandbox"}

    assert users <= {"bot", "sandbox"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 80
    ]
    assert text.count("\n") <= 500
    assert not long


def test_nothing_is_left_behind() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|breakpoint\(\)")
    found = {f"{path}: {line}" for path in FILES for line in path.read_text().splitlines() if marks.search(line)}

    assert not found


def test_no_test_patches_a_function() -> None:
    patched = re.compile(r"monkeypatch\.(setattr|delattr|setitem)|unittest|\bmocker?\b")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    found = {f"{path}: {line}" for path in tests for line in path.read_text().splitlines() if patched.search(line)}

    assert not found


def test_every_package_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    on_disk = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in [*ALLOWED, "locales", "migrations"]
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert listed == on_disk
