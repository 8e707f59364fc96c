"""Too late for today: tomorrow is offered, planned once, and done in time (`rules.md` 2)."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.clock import ManualClock
from core.errors import Conflict
from core.executions.model import Execution
from core.executions.tomorrow import PlanTomorrow
from core.executions.views import load_run
from core.jobs.model import Job
from jobs.dispatcher import Dispatcher
from tests.kit.chain import Chain, Run

ZONE = ZoneInfo("America/Sao_Paulo")
LATE = datetime(2026, 11, 23, 23, 57, tzinfo=ZONE)


class NoEngine:
    """Notes what it is told to start."""

    def __init__(self) -> None:
        self.started: list[int] = []

    async def start(self, execution_id: int) -> None:
        self.started.append(execution_id)

    async def ended(self, execution_id: int) -> bool | None:
        return None


@pytest.fixture
async def late(either_chain: Chain, clock: ManualClock) -> tuple[Chain, Run]:
    clock.instant = LATE
    run = await either_chain.sync()
    assert run.outcome == "too_late"
    return either_chain, run


async def plan(chain: Chain, run: Run) -> tuple[int, bool, datetime]:
    started, due = await PlanTomorrow(chain.database, chain.clock, chain.hub.writer)(chain.admin, run.id)
    return started.execution_id, started.new, due.astimezone(ZONE)


async def due_runs(chain: Chain) -> list[int]:
    engine, hub = NoEngine(), chain.hub
    dispatcher = Dispatcher(chain.database, chain.clock, hub.notices, engine, hub.runner, hub.wake)  # type: ignore[arg-type]
    await dispatcher.tick()
    return engine.started


async def test_a_planned_run_begins_an_hour_before_the_first_store_opens_and_is_planned_once(
    late: tuple[Chain, Run], clock: ManualClock
) -> None:
    chain, run = late
    await chain.change(chain.stores[1], opening={"default": "06:00", "tue": "05:30"})
    planned, new, due = await plan(chain, run)
    assert (new, due) == (True, datetime(2026, 11, 24, 4, 30, tzinfo=ZONE))
    assert await plan(chain, run) == (planned, False, due)

    assert await due_runs(chain) == []
    clock.instant = due - timedelta(seconds=1)
    await chain.restart()
    assert await due_runs(chain) == []
    clock.instant = due
    assert await due_runs(chain) == [planned]
    done = await chain.run(planned)
    assert set(done.outcomes.values()) == {"verified"}
    assert all(chain.live(store) == chain.expected(store).lines for store in chain.stores)


async def test_a_planned_run_keeps_nobody_from_running_before_and_can_be_cancelled(
    late: tuple[Chain, Run], clock: ManualClock
) -> None:
    chain, run = late
    planned, _, due = await plan(chain, run)
    clock.instant = due - timedelta(hours=3)
    assert (await chain.sync()).outcome == "verified"
    await chain.cancel(planned)
    clock.instant = due
    assert await due_runs(chain) == []
    assert (await chain.view(planned)).state == "cancelled"


async def test_each_plans_for_the_own_stores_however_many_those_are(late: tuple[Chain, Run]) -> None:
    chain, run = late
    first, second, _ = chain.stores
    others = frozenset(range(1000, 1100))
    planned = []
    for store in (first, second, first):
        actor = replace(chain.admin, store_ids=others | {store.id + 10_000, store.id})
        started, _ = await PlanTomorrow(chain.database, chain.clock, chain.hub.writer)(actor, run.id)
        planned.append(started)
    stores = [(await chain.row(Execution, one.execution_id)).store_ids for one in planned]
    assert stores == [[first.id], [second.id], [first.id]]
    assert [one.new for one in planned] == [True, True, False]


async def test_the_job_s_own_run_is_named_when_it_comes_in_time(late: tuple[Chain, Run]) -> None:
    chain, run = late

    async def own() -> datetime | None:
        async with chain.database.reading() as session:
            view = await session.run_sync(load_run, run.id)
        return view.tomorrow.astimezone(ZONE) if view and view.tomorrow else None

    job = await chain.row(Job, chain.sync_job)
    assert await own() is None
    await chain.change(job, schedule="10 5 * * *")
    assert await own() == datetime(2026, 11, 24, 5, 10, tzinfo=ZONE)
    await chain.change(job, schedule="45 5 * * *")
    assert await own() == datetime(2026, 11, 24, 5, 45, tzinfo=ZONE)
    await chain.change(job, schedule="46 5 * * *")
    assert await own() is None, "too short before the first store opens"


async def test_a_run_that_was_in_time_has_nothing_to_plan(lone: Chain) -> None:
    run = await lone.sync()
    with pytest.raises(Conflict, match="nothing to plan"):
        await plan(lone, run)
    assert len(await lone.runs()) == 1
    assert (await lone.row(Execution, run.id)).due_at is None
