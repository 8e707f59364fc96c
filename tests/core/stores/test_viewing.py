"""Stores at a glance: each with its own newest list and its own last sync, read for the whole page at once."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.access import Actor
from core.catalogue.model import Hold
from core.clock import ManualClock
from core.db.database import Database
from core.executions.model import Execution
from core.executions.released import Release
from core.executions.starting import RELEASE
from core.executions.states import Outcome
from core.paging import Paging
from core.stores.model import Store
from core.stores.viewing import SearchStores, StoreRow, last_syncs, live_lists
from core.texts import T
from sandbox.telegram import TelegramServer
from tests.conftest import BEFORE_OPENING
from tests.handlers.kit import TOKEN, Desk
from tests.kit.databases import Databases
from tests.kit.shelf import Shelf, line


async def furnished(database: Database) -> Desk:
    async with TelegramServer(TOKEN) as telegram:
        desk = Desk(database, ManualClock(BEFORE_OPENING), telegram)
        await desk.furnish()
        return desk


async def shown(desk: Desk, clock: ManualClock) -> Sequence[StoreRow]:
    actor = Actor.system(desk.organisation_id, "cli")
    return (await SearchStores(desk.database, clock)(actor, "", Paging())).rows


async def test_each_store_shows_its_own_newest_list_as_long_as_it_lasts(database: Database) -> None:
    desk, shelf, clock = await furnished(database), Shelf(database), ManualClock(BEFORE_OPENING)
    async with database.reading() as session:
        first, second, _ = [await session.get_one(Store, store_id) for store_id in desk.store_ids]
    await shelf.verify(first, BEFORE_OPENING, line("1"), line("2"))
    await shelf.verify(second, BEFORE_OPENING - timedelta(days=1), line("1"), line("2"), line("3"))
    await shelf.verify(first, BEFORE_OPENING + timedelta(minutes=1), line("1"))

    assert [row.live and row.live.lines for row in await shown(desk, clock)] == [1, None, None]


async def test_each_store_shows_its_own_last_finished_sync_and_who_released_what_it_held(database: Database) -> None:
    desk, clock = await furnished(database), ManualClock(BEFORE_OPENING)
    first, second, third = desk.store_ids
    early = await desk.start_run(outcomes=(Outcome.VERIFIED, Outcome.HELD, None))
    late = await desk.start_run(outcomes=(Outcome.FAILED, None, None))
    await desk.set_store(late, 0, Outcome.FAILED, T("The ERP did not answer."))
    dry, other = (
        await desk.start_run(outcomes=(Outcome.EQUAL,) * 3),
        await desk.start_run(outcomes=(Outcome.EQUAL,) * 3),
    )
    await desk.set_row(Execution, dry, dry_run=True)
    await desk.set_row(Execution, other, type="compare_data")
    async with database.writing() as session:
        hold = Hold(
            organisation_id=desk.organisation_id,
            store_id=second,
            execution_id=early,
            kind="line",
            reason="below_till",
            created_at=BEFORE_OPENING,
        )
        hold.decided_by, hold.decided_at = "Rui", BEFORE_OPENING
        session.add(hold)
    sending = await desk.start_run(outcomes=(None, None, None))
    await desk.set_row(Execution, sending, trigger=RELEASE, created_at=BEFORE_OPENING)

    lasts = {row.id: row.last for row in await shown(desk, clock)}
    assert lasts[third] is None
    failed, held = lasts[first], lasts[second]
    assert failed is not None
    assert (failed.execution_id, failed.outcome, str(failed.reason)) == (
        late,
        Outcome.FAILED,
        "The ERP did not answer.",
    )
    assert held is not None
    assert (held.execution_id, held.outcome) == (early, Outcome.HELD)
    assert (failed.released, held.released) == (None, Release("Rui", BEFORE_OPENING, sending))


def statements(session: Session, store_ids: list[int]) -> list[str]:
    """What is said to SQLite to look at some stores."""
    said: list[str] = []
    driver = session.connection().connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(said.append)
    last_syncs(session, store_ids)
    live_lists(session, store_ids, BEFORE_OPENING)
    driver.set_trace_callback(None)
    return said


async def test_a_page_of_stores_is_read_by_as_many_statements_as_one_of_them(
    databases: Databases, tmp_path: Path
) -> None:
    async with databases.in_folder(tmp_path) as database:
        desk = await furnished(database)
        await desk.start_run(outcomes=(Outcome.VERIFIED,) * 3)
        one = await database.read(lambda session: statements(session, desk.store_ids[:1]))
        page = await database.read(lambda session: statements(session, desk.store_ids))

    assert len(one) == len(page) == 2


async def test_no_statement_of_a_page_of_stores_sorts_what_grows_with_the_days(
    databases: Databases, tmp_path: Path
) -> None:
    def plans(session: Session) -> list[str]:
        said = statements(session, [1, 2, 3])
        explained = (session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one}") for one in said)
        return [step[3] for steps in explained for step in steps]

    async with databases.in_folder(tmp_path) as database:
        steps = await database.read(plans)

    assert any("ix_verified_lists_store_id_id" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
