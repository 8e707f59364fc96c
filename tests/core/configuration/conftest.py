"""A configuration on an empty database of each kind, and a quick one where the kind does not matter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.db.database import Database
from tests.kit.configuration import Configuration, make_configuration
from tests.kit.databases import Databases


@pytest.fixture
async def configuration(database: Database, clock: ManualClock) -> Configuration:
    return await make_configuration(database, clock)


@pytest.fixture
async def quick(databases: Databases, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Configuration]:
    """A configuration in a copy of a migrated file: for what never reaches the database."""
    async with databases.in_folder(tmp_path) as database:
        yield await make_configuration(database, clock)
