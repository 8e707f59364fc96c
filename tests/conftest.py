"""What every test can ask for: a database of each kind, a clock that stands still."""

import gc
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from core.clock import ManualClock
from core.db.database import Database, async_url
from core.db.migrate import upgrade
from tests.kit.databases import Databases
from tests.kit.postgres import PostgresServer

BEFORE_OPENING = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
"""05:10 in São Paulo, the hour of the daily sync."""

_LONG = ("process", "benchmarks", "walk")

_ALLOCATIONS = 20_000
"""As many objects more than before let the collector look: at its default of 700 it did so all the time."""

# What is imported stays: no collector need look at it again and again.
gc.disable()

settings.register_profile("suite", max_examples=30, deadline=None, database=None)
settings.load_profile("suite")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEFORE_OPENING)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy: far quicker than climbing all migrations each time."""
    path = tmp_path_factory.mktemp("template") / "chimera.db"
    upgrade(async_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def databases(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(migrated_file, tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, databases: Databases) -> AsyncIterator[Database]:
    """An empty, migrated database: a real SQLite file, and a real PostgreSQL."""
    if request.param == "sqlite":
        async with databases.in_folder(tmp_path) as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.lent() as url:
        async with databases.at(url) as made:
            yield made
