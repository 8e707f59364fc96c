"""Whole units of work, given as functions, on both databases."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.database import Database, StorageFailed
from core.organisations.model import Organisation

PUT = text("INSERT INTO units_of_work (id, words) VALUES (:id, :words)")
COUNT = text("SELECT count(*) FROM units_of_work")


@pytest.fixture
async def notes(database: Database) -> AsyncIterator[Database]:
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE units_of_work (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"))
    yield database
    async with database.writing() as session:
        await session.execute(text("DROP TABLE units_of_work"))


def put(session: Session, number: int, words: str | None = "kept") -> None:
    session.execute(PUT, {"id": number, "words": words})


async def count(database: Database) -> int:
    return await database.read(lambda session: int(session.execute(COUNT).scalar_one()))


async def test_what_a_unit_wrote_is_there_for_everybody_after_it(notes: Database) -> None:
    await notes.write(lambda session: put(session, 1))

    assert await count(notes) == 1
    async with notes.reading() as session:
        assert await session.scalar(COUNT) == 1


async def test_what_was_jotted_down_is_there_for_everybody_after_it(notes: Database) -> None:
    await notes.jot(lambda session: put(session, 1))
    assert await count(notes) == await notes.glance(total) == 1

    await notes.write(lambda session: put(session, 2))
    await notes.jot(lambda session: put(session, 3))
    async with notes.reading() as session:
        assert await session.scalar(COUNT) == 3


async def test_a_unit_that_raises_changes_nothing_and_blocks_nobody(notes: Database) -> None:
    def half(session: Session) -> None:
        put(session, 1)
        raise LookupError

    for write in (notes.write, notes.jot):
        with pytest.raises(LookupError):
            await write(half)
    assert await count(notes) == 0

    await notes.write(lambda session: put(session, 2))
    async with notes.writing() as session:
        await session.run_sync(put, 3)
    assert await count(notes) == 2


async def test_a_broken_rule_stays_what_it_is_and_a_broken_database_is_a_storage_failure(notes: Database) -> None:
    with pytest.raises(IntegrityError):
        await notes.write(lambda session: put(session, 1, None))
    for write in (notes.write, notes.jot):
        with pytest.raises(StorageFailed):
            await write(lambda session: session.execute(text("INSERT INTO no_such_table VALUES (1)")))
    assert await count(notes) == 0


async def test_a_unit_that_makes_entities_leaves_none_of_them_to_the_next_one(database: Database) -> None:
    def add(session: Session, name: str) -> None:
        session.add(Organisation(name=name, timezone="UTC", locale="en"))

    for write in (database.write, database.jot):
        await write(partial(add, name=write.__name__))
        with pytest.raises(IntegrityError):
            await write(partial(add, name=write.__name__))
    names = select(Organisation).order_by(Organisation.id)
    seen = await database.glance(lambda session: session.scalars(names).all())
    assert [one.name for one in seen] == ["write", "jot"]

    await database.write(lambda session: session.execute(text("UPDATE organisations SET locale = 'es'")))
    assert [one.locale for one in await database.glance(lambda session: session.scalars(names).all())] == ["es", "es"]


async def test_units_of_both_kinds_that_read_and_write_lose_nothing(notes: Database) -> None:
    await notes.write(lambda session: put(session, 0))
    add_one = text("UPDATE units_of_work SET words = :words WHERE id = 0")
    locked = text("SELECT words FROM units_of_work WHERE id = 0" + ("" if notes.is_sqlite else " FOR UPDATE"))

    def add(session: Session) -> None:
        words = session.execute(locked).scalar_one()
        session.execute(add_one, {"words": words + "+"})

    writers: list[Awaitable[None]] = []

    async def add_by_statements() -> None:
        async with notes.writing() as session:
            await session.run_sync(add)

    for _ in range(10):
        writers += [notes.write(add), add_by_statements(), notes.jot(add)]
    await asyncio.gather(*writers)

    assert await notes.read(lambda session: session.execute(locked).scalar_one()) == "kept" + "+" * 30


def total(session: Session) -> int:
    return int(session.execute(COUNT).scalar_one())


async def test_a_glance_sees_what_this_and_another_process_wrote_just_now(notes: Database) -> None:
    other = Database(notes.url.render_as_string(hide_password=False))
    try:
        for number, database in enumerate((notes, other, notes)):
            await database.write(partial(put, number=number))
            assert await notes.glance(total) == number + 1
    finally:
        await other.close()


async def test_a_glance_at_a_broken_database_is_a_storage_failure(notes: Database) -> None:
    with pytest.raises(StorageFailed):
        await notes.glance(lambda session: session.execute(text("SELECT * FROM no_such_table")))
    assert await notes.glance(total) == 0


async def test_a_glance_at_a_locked_file_waits_without_holding_up_anybody(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    with sqlite3.connect(path, isolation_level=None) as other:
        other.executescript("PRAGMA journal_mode=WAL; CREATE TABLE units_of_work (id); PRAGMA locking_mode=EXCLUSIVE;")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO units_of_work VALUES (1)")
        database = Database(f"sqlite:///{path}")
        looking = asyncio.create_task(database.glance(total))
        await asyncio.sleep(0.05)
        assert not looking.done()
        other.execute("COMMIT")
    other.close()

    assert await looking == 1
    await database.close()


async def test_what_is_jotted_down_in_a_locked_file_waits_without_holding_up_anybody(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    with sqlite3.connect(path, isolation_level=None) as other:
        other.executescript("PRAGMA journal_mode=WAL; CREATE TABLE units_of_work (id, words); BEGIN IMMEDIATE")
        database = Database(f"sqlite:///{path}")
        writing = asyncio.create_task(database.jot(lambda session: put(session, 1)))
        await asyncio.sleep(0.05)
        assert not writing.done()
        other.execute("COMMIT")
    other.close()

    await writing
    assert await count(database) == 1
    await database.close()


async def test_the_log_of_a_file_in_which_things_are_only_jotted_down_does_not_grow_without_end(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    database = Database(f"sqlite:///{path}")
    await database.write(lambda session: session.execute(text("CREATE TABLE units_of_work (id, words)")))
    for number in range(1500):
        await database.jot(partial(put, number=number, words="x" * 4096))

    assert path.with_name("log.db-wal").stat().st_size < 9 * 2**20
    assert await count(database) == 1500
    await database.close()
