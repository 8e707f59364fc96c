"""What every test can ask for: a database of each kind, a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.db.database import Database
from core.db.migrate import migrate
from tests.kit.postgres import PostgresServer

BEFORE_OPENING = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
"""05:10 in São Paulo, the hour of the daily sync."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEFORE_OPENING)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated database: a real SQLite file, and a clone on a real PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'chimera.db'}"
        drop = None
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url, drop = server.clone()
    made = Database(url)
    if request.param == "sqlite":
        await migrate(made.url)
    yield made
    await made.close()
    if drop is not None:
        drop()
