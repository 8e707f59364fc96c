"""A configured chain to edit: two stores, an ERP, a platform, a channel, a job, three people."""

import pytest

from core.clock import ManualClock
from core.db.database import Database
from tests.kit.entities import Chain, make_chain


@pytest.fixture
async def chain(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock)
