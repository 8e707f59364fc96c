"""Units of work: nothing lost, nothing half-saved, nobody waits for himself."""

import asyncio
import contextlib
from typing import cast

import pytest
from sqlalchemy import QueuePool, select, text

from core.db.database import Database, StorageAway, StorageFailed
from core.organisations.model import Organisation


async def _organisation(database: Database, name: str = "0") -> int:
    async with database.writing() as session:
        made = Organisation(name=name, timezone="UTC", locale="en")
        session.add(made)
        await session.flush()
        return made.id


async def _count_up(database: Database, organisation_id: int) -> None:
    async with database.writing() as session:
        found = await session.get_one(Organisation, organisation_id, with_for_update=True)
        await asyncio.sleep(0)
        found.name = str(int(found.name) + 1)


async def test_concurrent_changes_of_one_row_are_all_kept(database: Database) -> None:
    number = await _organisation(database)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(_count_up(database, number))

    async with database.reading() as session:
        assert (await session.get_one(Organisation, number)).name == "20"


async def _break_off(database: Database) -> None:
    async with database.writing() as session:
        session.add(Organisation(name="lost", timezone="UTC", locale="en"))
        await session.flush()
        raise RuntimeError("half-way")


async def test_an_error_inside_a_unit_of_work_changes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        await _break_off(database)

    async with database.reading() as session:
        assert await session.scalar(select(Organisation)) is None


async def test_a_long_read_never_blocks_a_write(database: Database) -> None:
    await _organisation(database)
    async with database.reading() as reader:
        await reader.scalar(select(Organisation))
        async with asyncio.timeout(30):
            await _organisation(database, "written meanwhile")


async def test_a_failing_database_is_reported_as_such(database: Database) -> None:
    with pytest.raises(StorageFailed, match="refused to work"):
        async with database.writing() as session:
            await session.execute(text("SELECT * FROM no_such_table"))


async def _use_every_connection(database: Database) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(30):
            session = await stack.enter_async_context(database.reading())
            await session.execute(text("SELECT 1"))


async def test_who_finds_every_connection_in_use_is_told_so_and_may_come_again(database: Database) -> None:
    pool = cast(QueuePool, database.engine.pool)
    before, pool._timeout = pool._timeout, 0.05
    try:
        with pytest.raises(StorageAway, match="limit of size"):
            await _use_every_connection(database)
        async with database.reading() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    finally:
        pool._timeout = before
