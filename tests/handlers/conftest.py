import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from core.clock import ManualClock
from core.db.database import Database
from sandbox.telegram import TelegramServer
from tests.handlers.kit import TOKEN, Desk
from tests.kit.databases import Databases


@pytest.fixture
async def database(databases: Databases, tmp_path: Path) -> AsyncIterator[Database]:
    async with databases.in_folder(tmp_path) as made:
        yield made


@pytest.fixture
def skew() -> list[float]:
    """Return how far Telegram's clock is ahead, in seconds, for a test to change."""
    return [0.0]


@pytest.fixture
async def telegram(skew: list[float]) -> AsyncIterator[TelegramServer]:
    """A strict Bot API server; what it objects to fails the test."""
    async with TelegramServer(TOKEN, clock=lambda: time.time() + skew[0]) as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def desk(database: Database, clock: ManualClock, telegram: TelegramServer) -> AsyncIterator[Desk]:
    made = Desk(database, clock, telegram)
    await made.furnish()
    yield made
    await made.container.close()


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Log as the process does: tracebacks as text, without the values of variables."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )
    yield
    structlog.reset_defaults()
