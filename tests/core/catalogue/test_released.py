"""What became of what was released, on both databases: the first run that sent it, by the newest decision."""

from datetime import timedelta

from core.catalogue.model import Hold
from core.clock import ManualClock
from core.db.database import Database
from core.executions.model import Execution
from core.executions.released import Release, load_releases
from core.executions.starting import RELEASE
from core.executions.states import Outcome
from sandbox.telegram import TelegramServer
from tests.conftest import BEFORE_OPENING
from tests.handlers.kit import TOKEN, Desk


async def test_the_newest_release_counts_with_the_first_run_that_sent_it(database: Database) -> None:
    async with TelegramServer(TOKEN) as telegram:
        desk = Desk(database, ManualClock(BEFORE_OPENING), telegram)
        await desk.furnish()
        held_in = await desk.start_run(outcomes=(Outcome.HELD, Outcome.HELD, Outcome.HELD))
        early, late = BEFORE_OPENING + timedelta(minutes=1), BEFORE_OPENING + timedelta(minutes=9)
        first, second, _ = desk.store_ids
        async with database.writing() as session:
            for store_id, name, at in ((first, "Ana", early), (first, "Rui", late), (second, "Ana", early)):
                hold = Hold(
                    organisation_id=desk.organisation_id,
                    store_id=store_id,
                    execution_id=held_in,
                    kind="line",
                    reason="below_till",
                    created_at=BEFORE_OPENING,
                )
                hold.decided_by, hold.decided_at = name, at
                session.add(hold)
        runs = []
        for at, outcome in ((early, Outcome.HELD), (late, Outcome.VERIFIED), (late + timedelta(minutes=9), None)):
            runs.append(await desk.start_run(outcomes=(outcome,) * 3))
            await desk.set_row(Execution, runs[-1], trigger=RELEASE, created_at=at)
        found = await database.read(lambda session: load_releases(session, held_in))
        unsent = await database.read(lambda session: load_releases(session, runs[0]))

    assert found == {
        first: Release("Rui", late, runs[1], Outcome.VERIFIED),
        second: Release("Ana", early, runs[0], Outcome.HELD),
    }
    assert unsent == {}
