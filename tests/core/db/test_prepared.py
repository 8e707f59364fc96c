"""Prepared statements mean on every database what SQLAlchemy makes of them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.base import entity_of, table_of
from core.db.database import Database, StorageFailed
from core.db.prepared import Prepared
from core.organisations.model import Organisation
from core.people.model import Person

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
_people = table_of(Person)
ADD_HOME = Prepared(text("INSERT INTO organisations (name, timezone, locale) VALUES (:name, 'UTC', :locale)"))


async def furnish(database: Database) -> None:
    async with database.writing() as session:
        home = Organisation(name="Mercado Azul", timezone="UTC", locale="en")
        session.add(home)
        await session.flush()
        ana = Person(organisation_id=home.id, telegram_id=10**12, name="Ana", role="viewer", created_at=AT)
        ana.store_ids = [3, 5]
        session.add(ana)


async def test_rows_are_those_of_an_ordinary_query_by_name_and_type(database: Database) -> None:
    await furnish(database)
    wanted = select(*_people.c).where(
        _people.c.telegram_id == bindparam("who"), _people.c.created_at == bindparam("at")
    )

    def both(session: Session) -> None:
        values = {"who": 10**12, "at": AT}
        (row,) = Prepared(wanted).rows(session.connection(), **values)
        assert tuple(row) == tuple(session.connection().execute(wanted, values).one())
        assert (row.store_ids, row.created_at, row.active, row.last_seen_at) == ([3, 5], AT, True, None)
        assert entity_of(Person, row).actor("chat", "es").store_ids == frozenset({3, 5})
        assert Prepared(wanted).rows(session.connection(), who=1, at=AT) == []

    await database.read(both)


async def test_what_the_database_refuses_is_the_usual_error_and_changes_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(
            lambda session: [ADD_HOME.run(session.connection(), name=name, locale="en") for name in ("kept", "kept")]
        )
    with pytest.raises(StorageFailed, match="no_such_table"):
        await database.read(lambda session: Prepared(text("SELECT 1 FROM no_such_table")).rows(session.connection()))

    assert await database.read(lambda session: session.scalars(select(Organisation)).all()) == []


async def test_a_list_of_values_is_refused_for_it_has_no_text_of_its_own(database: Database) -> None:
    wanted = Prepared(select(_people.c.id).where(_people.c.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(TypeError, match="list of values"):
        await database.read(lambda session: wanted.rows(session.connection(), ids=[1]))
