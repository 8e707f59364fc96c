"""Due times: each fires once, is caught up at most once, and never piles up."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import ManualClock
from core.executions.model import Execution
from core.jobs.model import Job
from jobs.scheduler import Scheduler
from tests.kit.chain import Chain, MakeChain

DUE = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
"""05:10 in São Paulo."""


@pytest.fixture
async def daily(make_chain: MakeChain, clock: ManualClock) -> Chain:
    """Due every day at 05:10; it is 05:00."""
    clock.instant = DUE - timedelta(minutes=10)
    return await make_chain(stores=2, schedule="10 5 * * *")


async def _states(chain: Chain) -> list[str]:
    return [run.state for run in await chain.runs()]


async def test_a_due_time_fires_once_however_often_it_is_looked_at(daily: Chain, clock: ManualClock) -> None:
    assert 0 < await daily.hub.scheduler.tick() <= 600
    assert await daily.runs() == []
    clock.instant = DUE
    for _ in range(3):
        await daily.hub.scheduler.tick()
    await daily.restart()
    await daily.hub.scheduler.tick()
    (run,) = await daily.runs()
    assert run.state == "pending"
    assert (await daily.run(run.id)).outcome == "verified"
    clock.move(timedelta(hours=3))
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["success"]


async def test_processes_that_look_at_once_start_one_run(either_chain: Chain, clock: ManualClock) -> None:
    """On PostgreSQL each has a connection of its own, and they are really at it at the same moment."""
    chain = either_chain
    await chain.change(await chain.row(Job, chain.sync_job), schedule="10 5 * * *", due_after=DUE - timedelta(days=1))
    clock.instant = DUE
    schedulers = [Scheduler(chain.database, clock, chain.hub.writer, chain.hub.wake) for _ in range(4)]
    await asyncio.gather(*(one.tick() for one in schedulers))
    assert await _states(chain) == ["pending"]


@pytest.mark.parametrize(
    ("line", "began", "due"),
    [
        # At two the clocks go back to one, which comes twice; in spring there is no half past two.
        pytest.param("30 1 * * *", "2026-11-01T04:50+00:00", "2026-11-01T05:30+00:00", id="autumn"),
        pytest.param("30 2 * * *", "2027-03-14T06:20+00:00", "2027-03-14T07:30+00:00", id="spring"),
    ],
)
async def test_the_night_of_a_clock_change_has_one_run_also_over_a_restart(
    make_chain: MakeChain, clock: ManualClock, line: str, began: str, due: str
) -> None:
    clock.instant = datetime.fromisoformat(began)
    chain = await make_chain(stores=1, timezone="America/New_York", schedule=line)
    for minutes in range(0, 240, 10):
        clock.instant = datetime.fromisoformat(began) + timedelta(minutes=minutes)
        await chain.hub.scheduler.tick()
        if minutes % 50 == 0:
            await chain.restart()
    (run,) = await chain.runs()
    assert (await chain.row(Execution, run.id)).due_at == datetime.fromisoformat(due)


async def test_the_next_day_fires_again(daily: Chain, clock: ManualClock) -> None:
    for day in range(3):
        clock.instant = DUE + timedelta(days=day)
        await daily.hub.scheduler.tick()
        await daily.run((await daily.runs())[-1].id)
    assert await _states(daily) == ["success"] * 3


async def test_what_was_missed_today_is_caught_up_once(daily: Chain, clock: ManualClock) -> None:
    clock.instant = DUE + timedelta(hours=4)
    await daily.hub.scheduler.tick()
    await daily.hub.scheduler.tick()
    (run,) = await daily.runs()
    assert (await daily.run(run.id)).outcome == "verified"


async def test_many_missed_due_times_are_caught_up_by_one_run(make_chain: MakeChain, clock: ManualClock) -> None:
    chain = await make_chain(stores=1, schedule="*/15 * * * *")
    clock.move(timedelta(hours=2, minutes=3))
    await chain.hub.scheduler.tick()
    await chain.hub.scheduler.tick()
    assert await _states(chain) == ["pending"]


async def test_what_was_missed_yesterday_is_told_and_not_done(daily: Chain, clock: ManualClock) -> None:
    clock.instant = DUE + timedelta(hours=20)
    await daily.hub.scheduler.tick()
    (run,) = await daily.runs()
    assert (run.state, run.outcome) == ("missed", "skipped")
    assert "that day is over" in run.reason
    assert await daily.cards(run) == 1
    clock.instant = DUE + timedelta(days=1)
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["missed", "pending"]


async def test_a_week_of_downtime_is_one_missed_run(daily: Chain, clock: ManualClock) -> None:
    clock.instant = DUE + timedelta(days=7, minutes=-30)
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["missed"]


async def test_a_job_that_does_not_catch_up_tells_so(daily: Chain, clock: ManualClock) -> None:
    await daily.set_job(catch_up="skip")
    clock.instant = DUE + timedelta(minutes=3)
    await daily.hub.scheduler.tick()
    (run,) = await daily.runs()
    assert run.state == "missed"
    assert "does not catch up" in run.reason


async def test_two_minutes_late_is_on_time(daily: Chain, clock: ManualClock) -> None:
    await daily.set_job(catch_up="skip")
    clock.instant = DUE + timedelta(minutes=2)
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["pending"]


@pytest.mark.parametrize(
    ("overlap", "second"), [("skip", "skipped"), ("queue", "pending"), ("replace", "pending")], ids=str
)
async def test_a_due_time_while_the_last_run_is_at_work(
    daily: Chain, clock: ManualClock, overlap: str, second: str
) -> None:
    await daily.set_job(overlap=overlap)
    running = await daily.start()
    await daily.hub.runner.begin(running)
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["running", second]
    first = await daily.run(running)
    assert first.state == ("cancelled" if overlap == "replace" else "success")
    assert daily.posts() == (0 if overlap == "replace" else 2)


@pytest.mark.parametrize(("dry_run", "left"), [(False, ["Loja 2"]), (True, ["Loja 1", "Loja 2"])])
async def test_a_due_time_is_not_lost_to_a_run_of_other_stores_or_a_dry_run(
    daily: Chain, clock: ManualClock, dry_run: bool, left: list[str]
) -> None:
    running = await daily.start(daily.stores[0], dry_run=dry_run)
    await daily.hub.runner.begin(running)
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    _, due = await daily.runs()
    assert (due.state, sorted(due.outcomes)) == ("pending", left)


async def test_a_job_without_stores_is_skipped_and_tells_why(daily: Chain, clock: ManualClock) -> None:
    for store in daily.stores:
        await daily.change(store, active=False)
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    (run,) = await daily.runs()
    assert run.state == "skipped"
    assert "has no active store" in run.reason


async def test_a_due_time_while_paused_waits_for_the_brake(daily: Chain, clock: ManualClock) -> None:
    await daily.pause()
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    assert await _states(daily) == ["pending"]


async def test_due_times_are_those_of_the_chains_own_zone(make_chain: MakeChain, clock: ManualClock) -> None:
    clock.instant = DUE - timedelta(minutes=10)
    chain = await make_chain(stores=1, schedule="10 5 * * *", timezone="America/Manaus")
    clock.instant = DUE
    await chain.hub.scheduler.tick()
    assert await chain.runs() == []
    clock.instant = DUE + timedelta(hours=1)
    await chain.hub.scheduler.tick()
    assert len(await chain.runs()) == 1


async def test_a_switched_off_job_does_not_fire(daily: Chain, clock: ManualClock) -> None:
    await daily.change(await daily.row(Job, daily.sync_job), enabled=False)
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    assert await daily.runs() == []


async def test_one_broken_schedule_stops_no_other(daily: Chain, clock: ManualClock) -> None:
    await daily.change(await daily.row(Job, daily.sync_job), schedule="not a schedule")
    await daily.change(await daily.row(Job, daily.compare_job), schedule="10 5 * * *")
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    assert len(await daily.runs()) == 1


async def test_one_job_with_settings_nobody_understands_stops_no_other(daily: Chain, clock: ManualClock) -> None:
    await daily.set_job(overlap="sideways")
    await daily.change(await daily.row(Job, daily.compare_job), schedule="10 5 * * *")
    clock.instant = DUE
    await daily.hub.scheduler.tick()
    assert len(await daily.runs()) == 1
