"""Prepared statements mean on every database what SQLAlchemy makes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.access import Actor
from core.catalogue.model import Hold, VerifiedList
from core.chat.status import ShowStatus
from core.clock import ManualClock
from core.configuration.wanted import Section
from core.db.base import entity_of, table_of
from core.db.database import Database, StorageFailed
from core.db.prepared import Prepared
from core.entities.viewing import ListEntities
from core.executions.model import Execution, Step
from core.executions.states import Outcome, State
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.paging import Paging
from core.people.model import Person
from core.stores.model import Store
from core.stores.viewing import SearchStores
from integrations.registry import Registry

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


def _run(job: Job, state: State) -> Execution:
    return Execution(
        organisation_id=1,
        job_id=job.id,
        type=job.type,
        state=state.value,
        trigger="chat",
        requested_by="Ana",
        requested_by_id=None,
        dedupe_key=state.value,
        correlation_id="",
        created_at=AT,
        finished_at=AT,
    )


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


async def test_the_pages_that_are_looked_at_most_are_read_on_every_database(
    database: Database, clock: ManualClock
) -> None:
    await furnish(database)
    async with database.writing() as session:
        session.add(Store(organisation_id=1, name="001 Centro", cnpj="11222333000181"))
        tomorrow = AT + timedelta(days=1)
        job = Job(
            organisation_id=1, name="Daily", type=JobType.SYNC_PRODUCTS.value, schedule="0 5 * * *", due_after=tomorrow
        )
        session.add(job)
        await session.flush()
        session.add_all([_run(job, State.SUCCESS), _run(job, State.RUNNING)])
        await session.flush()
        end = AT + timedelta(days=900)
        verified = VerifiedList(
            store_id=1,
            execution_id=1,
            digest="",
            count=7,
            day=AT.date(),
            window_start=AT,
            window_end=end,
            verified_at=AT,
        )
        step = Step(execution_id=1, store_id=1, position=0, outcome=Outcome.VERIFIED.value, finished_at=AT)
        session.add_all([verified, step, Step(execution_id=2, store_id=1, position=0)])
    actor = Actor.system(1, "cli")

    status = await ShowStatus(database, clock, Registry.builtin())(actor)
    (run,) = status.standing.running
    assert (run.job, run.state, run.due_at, run.stores, run.done) == ("Daily", State.RUNNING, None, 1, 0)
    assert [(one.name, one.last_state, one.last_at) for one in status.jobs] == [("Daily", State.SUCCESS, AT)]
    assert status.jobs[0].next_at is not None
    assert status.jobs[0].next_at > tomorrow, "nothing is due before the job's own day"
    now = status.standing
    assert (now.closed, now.latched, now.broken, now.undelivered, now.paused_at) == ([], [], [], 0, None)

    (row,) = (await SearchStores(database, clock)(actor, "cen", Paging())).rows
    assert row.live is not None
    assert row.last is not None
    assert (row.name, row.live.lines, row.last.outcome, row.last.at) == ("001 Centro", 7, Outcome.VERIFIED, AT)
    listed = await ListEntities(database)(actor, Section.JOBS)
    assert [(one.name, one.fields["schedule"]) for one in listed.rows] == [("Daily", "0 5 * * *")]


async def test_how_things_stand_is_told_without_reading_what_is_held_however_much_that_is(
    database: Database, clock: ManualClock
) -> None:
    await furnish(database)
    async with database.writing() as session:
        store = Store(organisation_id=1, name="001 Centro", cnpj="11222333000181")
        job = Job(organisation_id=1, name="Daily", type=JobType.SYNC_PRODUCTS.value, schedule=None, due_after=AT)
        session.add_all([store, job])
        await session.flush()
        run = _run(job, State.RUNNING)
        session.add(run)
        await session.flush()
        held: Any = ["nobody shall read this"]
        outcome = Outcome.HELD.value
        about: dict[str, Any] = {"organisation_id": 1, "execution_id": run.id, "store_id": store.id, "created_at": AT}
        session.add(Step(execution_id=run.id, store_id=store.id, position=0, outcome=outcome))
        session.add(Hold(**about, kind="line", reason="max_discount", code="1", details=held))

    (shown,) = (await ShowStatus(database, clock, Registry.builtin())(Actor.system(1, "cli"))).standing.running
    assert (shown.stores, shown.done) == (1, 1)


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
