"""Statements that take one trip to SQLite's thread mean what they always meant."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import IntegrityError

from core.db.database import Database, StorageFailed


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'notes.db'}")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"))
    yield database
    await database.close()


async def words(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(text("SELECT words FROM notes ORDER BY id")))


async def add(database: Database, *rows: str | None) -> None:
    async with database.writing() as session:
        await session.execute(text("INSERT INTO notes (words) VALUES (:words)"), [{"words": row} for row in rows])


async def test_a_unit_of_work_that_does_nothing_leaves_nothing_open(notes: Database) -> None:
    async with notes.writing():
        pass
    async with notes.reading():
        pass

    await add(notes, "first")

    assert await words(notes) == ["first"]


async def test_what_fails_in_the_middle_changes_nothing(notes: Database) -> None:
    await add(notes, "before")

    with pytest.raises(IntegrityError):
        await add(notes, "kept?", None)

    assert await words(notes) == ["before"]


async def test_the_begin_travels_before_the_first_statement(notes: Database) -> None:
    async with notes.writing() as session:
        await session.execute(text("INSERT INTO notes (words) VALUES ('half')"))
        assert await words(notes) == [], "nobody sees half of a unit of work"

    assert await words(notes) == ["half"]


async def test_a_reading_unit_of_work_sees_one_state_from_its_first_statement_on(notes: Database) -> None:
    async with notes.reading() as session:
        before = list(await session.scalars(text("SELECT words FROM notes")))
        await add(notes, "later")
        again = list(await session.scalars(text("SELECT words FROM notes")))

    assert before == again == []
    assert await words(notes) == ["later"]


async def test_a_locked_file_is_told_when_writing_begins(notes: Database) -> None:
    path = str(notes.url.database)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with notes.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    try:
        with pytest.raises(StorageFailed):
            await add(notes, "refused")
    finally:
        other.execute("ROLLBACK")
        other.close()

    await add(notes, "taken")
    assert await words(notes) == ["taken"]


async def test_a_task_that_is_cancelled_while_its_transaction_begins_leaves_none_open(notes: Database) -> None:
    other = sqlite3.connect(str(notes.url.database), isolation_level=None, timeout=5)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(add(notes, "never"))
    await asyncio.sleep(0.2)
    waiting.cancel()
    await asyncio.sleep(0.05)
    other.execute("ROLLBACK")
    with pytest.raises(asyncio.CancelledError):
        await waiting

    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()
    await add(notes, "later")
    assert await words(notes) == ["later"]


async def test_counts_and_new_keys_are_told_as_before(notes: Database) -> None:
    await add(notes, "one", "two")

    async with notes.writing() as session:
        inserted = await session.execute(text("INSERT INTO notes (words) VALUES ('three')"))
        changed = await session.execute(text("UPDATE notes SET words = 'x' WHERE id < 3"))

    assert isinstance(inserted, CursorResult)
    assert inserted.lastrowid == 3
    assert isinstance(changed, CursorResult)
    assert changed.rowcount == 2
