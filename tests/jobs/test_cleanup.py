"""The cleanup job: its own retentions, its sums, and what it leaves alone (CH-13)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.clock import ManualClock
from core.courtesy import Courtesy
from core.errors import Forbidden, NotFound
from core.executions.again import RunAgain
from core.executions.model import Execution, LogLine
from core.executions.starting import Order, StartRun
from core.executions.views import RunView, load_run
from core.housekeeping.kinds import Kind, PurgeScope
from core.housekeeping.purging import Freed, Note, Purge
from core.housekeeping.words import told
from core.ids import new_id
from core.jobs.model import Job, JobType
from core.jobs.settings import CleanupSettings
from core.organisations.model import Organisation
from jobs.cleanup import Cleanup
from jobs.gate import Gate
from jobs.housekeeping import Housekeeping
from jobs.task import WholeTask
from tests.kit.chain import Chain


class IdleEngine:
    """An engine that has nothing to forget."""

    async def purge(self, before: object) -> int:
        del before
        return 0


async def with_cleanup(chain: Chain, *, schedule: str | None = None, **settings: int) -> Job:
    """Give the chain a cleanup job."""
    async with chain.database.writing() as session:
        job = Job(
            organisation_id=chain.organisation_id,
            name="Nightly cleanup",
            type=JobType.CLEANUP,
            due_after=chain.clock.now(),
            schedule=schedule,
            settings=dict(settings),
        )
        session.add(job)
    return job


async def clean(chain: Chain, *, dry_run: bool = False) -> RunView:
    run = await chain.run(await chain.start(kind=JobType.CLEANUP, dry_run=dry_run))
    return await shown(chain, run.id)


async def shown(chain: Chain, execution_id: int) -> RunView:
    view = await chain.database.read(lambda session: load_run(session, execution_id))
    assert view is not None
    return view


async def old_lines(chain: Chain, number: int) -> int:
    """Write log lines of a finished run that are 40 days old by now; returns the run."""
    run = await chain.sync(chain.stores[0])
    async with chain.database.writing() as session:
        text = {"message": "once upon a time"}
        session.add_all(
            LogLine(execution_id=run.id, at=chain.clock.now(), level="info", text=text) for _ in range(number)
        )
    chain.clock.move(timedelta(days=40))
    return run.id


async def lines_left(chain: Chain) -> int:
    async with chain.database.reading() as session:
        return len(list(await session.scalars(select(LogLine.id))))


async def test_a_cleanup_keeps_to_its_own_retentions_and_tells_rows_and_bytes(either_chain: Chain) -> None:
    chain = either_chain
    await old_lines(chain, 5)
    job = await with_cleanup(chain, log_days=60)
    assert (await clean(chain)).freed == {}
    await chain.change(job, settings={"log_days": 35})
    lines = await lines_left(chain)
    run = await clean(chain)
    assert (run.state, run.stores) == ("success", [])
    assert run.freed["logs"].rows == lines >= 5
    assert run.freed["logs"].size > 5 * len("once upon a time")
    assert await lines_left(chain) == 0
    assert f"{lines} rows removed" in str(told({"logs": run.freed["logs"]}, dry_run=False)[0])


async def test_a_dry_run_counts_what_a_real_one_removes_then_and_removes_nothing(either_chain: Chain) -> None:
    chain = either_chain
    await old_lines(chain, 3)
    await with_cleanup(chain)
    before = await lines_left(chain)
    dry = await clean(chain, dry_run=True)
    assert await lines_left(chain) == before
    assert dry.freed == (await clean(chain)).freed


async def test_a_cleanup_that_was_killed_goes_on_and_tells_the_whole_sum(chain: Chain, clock: ManualClock) -> None:
    await old_lines(chain, 6)
    job = await with_cleanup(chain)
    lines = await lines_left(chain)
    execution_id = await chain.start(kind=JobType.CLEANUP)
    await chain.hub.runner.begin(execution_id)
    dying = Cleanup(chain.database, clock, DyingPurge(chain), Gate(), Courtesy())
    execution = await chain.row(Execution, execution_id)
    with pytest.raises(KeyboardInterrupt):
        await dying(WholeTask(execution, job, CleanupSettings()))
    assert (await shown(chain, execution_id)).freed["logs"].rows == 2
    await chain.restart()
    await chain.run(execution_id)
    assert (await shown(chain, execution_id)).freed["logs"].rows == lines
    assert await lines_left(chain) == 0


class DyingPurge(Purge):
    """Removes two rows and dies, as a killed process would between two transactions."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.database)
        self.at_once = 2
        self._left = 1

    async def some(self, kind: Kind, scope: PurgeScope, note: Note | None = None) -> Freed:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return await super().some(kind, scope, note)


async def test_a_cancelled_cleanup_stops_after_the_rows_in_hand(chain: Chain) -> None:
    await old_lines(chain, 3)
    await with_cleanup(chain)
    execution_id = await chain.start(kind=JobType.CLEANUP)
    await chain.hub.runner.begin(execution_id)
    await chain.cancel(execution_id)
    await chain.run(execution_id)
    run = await shown(chain, execution_id)
    assert (run.state, str(run.reason)) == ("cancelled", "Cancelled by Ana.")


async def test_sending_that_is_paused_does_not_keep_a_cleanup_from_running(chain: Chain) -> None:
    await with_cleanup(chain)
    await chain.pause()
    assert (await clean(chain)).state == "success"


async def test_a_run_at_work_and_the_last_success_lose_nothing_however_short_the_retentions(
    either_chain: Chain, clock: ManualClock
) -> None:
    chain = either_chain
    await with_cleanup(chain, log_days=1, list_days=7, run_days=7)
    last = await chain.sync()
    live = await chain.verified(chain.stores[0])
    clock.move(timedelta(days=30))
    running = await chain.start()
    await chain.hub.runner.begin(running)
    assert (await clean(chain)).state == "success"
    assert (await chain.view(last.id)).outcomes == last.outcomes
    assert await chain.verified(chain.stores[0]) == live
    assert (await chain.run(running)).state == "success"


async def test_a_manager_may_neither_start_a_cleanup_nor_repeat_one(chain: Chain) -> None:
    await with_cleanup(chain)
    run = await clean(chain)
    rui = Actor(chain.organisation_id, Role.MANAGER, "Rui", "chat")
    with pytest.raises(Forbidden):
        await StartRun(chain.database, chain.hub.writer)(rui, Order(new_id(), JobType.CLEANUP))
    with pytest.raises(Forbidden):
        await RunAgain(chain.database, chain.hub.writer)(rui, run.id, new_id())
    again = await RunAgain(chain.database, chain.hub.writer)(chain.admin, run.id, new_id())
    assert (await chain.run(again.execution_id)).state == "success"


async def test_without_a_cleanup_job_the_answer_says_how_to_get_one(chain: Chain) -> None:
    with pytest.raises(NotFound, match="No cleanup job is set up yet"):
        await chain.start(kind=JobType.CLEANUP)


async def test_a_cleanup_comes_at_its_time_although_the_chain_has_no_active_store(
    chain: Chain, clock: ManualClock
) -> None:
    for store in chain.stores:
        await chain.change(store, active=False)
    await with_cleanup(chain, schedule="30 3 * * *")
    clock.move(timedelta(days=1))
    await chain.hub.scheduler.tick()
    (run,) = [run for run in await chain.runs() if run.state == "pending"]
    assert (await chain.run(run.id)).state == "success"


async def test_a_cleanup_that_is_due_while_one_is_at_work_is_skipped(chain: Chain, clock: ManualClock) -> None:
    await with_cleanup(chain, schedule="30 3 * * *")
    clock.move(timedelta(days=1))
    await chain.hub.runner.begin(await chain.start(kind=JobType.CLEANUP))
    await chain.hub.scheduler.tick()
    assert sorted(run.state for run in await chain.runs()) == ["running", "skipped"]


async def test_the_built_in_cleanup_leaves_alone_whoever_has_a_scheduled_job(either_chain: Chain) -> None:
    chain = either_chain
    await old_lines(chain, 2)
    job = await with_cleanup(chain, schedule="30 3 * * *", log_days=300)
    async with chain.database.writing() as session:
        session.add(Organisation(name="Another chain", timezone="America/Sao_Paulo", locale="en"))
    purge = Purge(chain.database)
    built_in = Housekeeping(chain.database, chain.clock, IdleEngine(), purge)  # type: ignore[arg-type]
    assert "logs" not in await built_in.tick()
    await chain.change(job, enabled=False)
    assert (await built_in.tick())["logs"] >= 2
