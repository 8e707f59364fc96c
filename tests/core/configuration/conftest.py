"""A configuration on an empty database of each kind, and a quick one where the kind does not matter."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.db.database import Database
from tests.kit.configuration import Configuration, make_configuration


@pytest.fixture
async def configuration(database: Database, clock: ManualClock) -> Configuration:
    return await make_configuration(database, clock)


@pytest.fixture
async def quick(migrated_file: Path, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Configuration]:
    """A configuration in a copy of a migrated file: for what never reaches the database."""
    copy = shutil.copy(migrated_file, tmp_path / "chimera.db")
    database = Database(f"sqlite:///{copy}")
    yield await make_configuration(database, clock)
    await database.close()
