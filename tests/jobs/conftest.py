"""Chains for tests of the job core: on SQLite, and where it matters on PostgreSQL too."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from core.db.database import Database
from tests.kit.chain import Chain, MakeChain, open_chain
from tests.kit.databases import Databases
from tests.kit.hub import Hub, Setup
from tests.kit.postgres import PostgresServer


@pytest.fixture
async def make_chain(databases: Databases, tmp_path: Path, clock: ManualClock) -> AsyncIterator[MakeChain]:
    """Build the test's chain, on SQLite, set up as its keywords say (see `Setup`)."""
    async with AsyncExitStack() as stack:

        async def make(**setup: Any) -> Chain:
            database = await stack.enter_async_context(databases.in_folder(tmp_path))
            return await stack.enter_async_context(open_chain(database, clock, Setup(**setup)))

        yield make


@pytest.fixture
async def chain(make_chain: MakeChain) -> Chain:
    """Three stores on SQLite."""
    return await make_chain()


@pytest.fixture
async def lone(make_chain: MakeChain) -> Chain:
    """One store on SQLite."""
    return await make_chain(stores=1)


@pytest.fixture
async def either_chain(database: Database, clock: ManualClock) -> AsyncIterator[Chain]:
    """Three stores, on SQLite and on PostgreSQL."""
    async with open_chain(database, clock) as made:
        yield made


@pytest.fixture
async def shared(postgres: PostgresServer, clock: ManualClock) -> AsyncIterator[tuple[Chain, Hub, str]]:
    """One store on PostgreSQL, a second process's objects on the same database, and its address."""
    url, drop = postgres.clone()
    mine, other = Database(url), Database(url)
    async with open_chain(mine, clock, Setup(stores=1)) as chain:
        hub = Hub(other, clock, chain.setup)
        yield chain, hub, url
        await hub.connections.close()
    await mine.close()
    await other.close()
    drop()
