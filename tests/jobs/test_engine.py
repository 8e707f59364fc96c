"""Runs on the real engine: started once, resumed where they were, healed when nobody works on them."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.executions.model import Execution
from jobs.dispatcher import Dispatcher
from jobs.engine import DbosEngine
from sandbox.faults import Call, Fault
from tests.kit.chain import Chain, Run

_SOON = 60


class Process:
    """Engine and dispatcher over a chain's present object graph, as one process has them."""

    def __init__(self, chain: Chain, url: str, name: str, *, others: bool) -> None:
        hub = chain.hub
        self.chain = chain
        self.engine = DbosEngine(url, hub.runner, hub.gate, name, lambda _: nullcontext(not others), 0.05)
        # A stop waits for this poll to come round; nothing in these tests needs it.
        self.engine._config["notification_listener_polling_interval_sec"] = 0.05
        self.dispatcher = Dispatcher(chain.database, chain.clock, hub.notices, self.engine, hub.runner, hub.wake)

    async def until_ended(self, execution_id: int) -> Run:
        """Look after runs until this one is over."""
        async with asyncio.timeout(_SOON):
            while True:
                await self.dispatcher.tick()
                run = await self.chain.view(execution_id)
                if run.state not in ("pending", "running", "waiting"):
                    return run
                await asyncio.sleep(0.05)


def workers() -> list[str]:
    """Return what still works for runs, or waits, in this test's loop."""
    coroutines = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in coroutines if "run_execution" in name]


Launch = Callable[..., Awaitable[Process]]


@pytest.fixture
async def launch(tmp_path: Path) -> AsyncIterator[Launch]:
    """Launch an engine over a chain, on the test's own engine database; `others` live under every other name."""
    async with AsyncExitStack() as stack:

        async def start(chain: Chain, name: str = "tests", *, others: bool = True) -> Process:
            process = Process(chain, f"sqlite:///{tmp_path / 'engine.db'}", name, others=others)
            await process.engine.launch()
            stack.push_async_callback(process.engine.stop)
            return process

        yield start


async def test_a_run_goes_from_its_row_to_its_end(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    run = await process.until_ended(await chain.start())
    assert (run.state, run.outcome) == ("success", "verified")
    assert chain.posts() == 3
    for store in chain.stores:
        assert chain.live(store) == chain.expected(store).lines


async def test_runs_of_one_job_follow_each_other(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    first = await chain.start()
    await process.dispatcher.tick()
    await chain.set_job(overlap="queue")
    run = await process.until_ended(first)
    second = await process.until_ended(await chain.start())
    assert (run.outcome, second.outcome) == ("verified", "already_live")
    assert chain.posts() == 3


async def test_a_paused_run_waits_and_goes_on_when_resumed(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    number = await chain.start()
    await chain.pause()
    await process.dispatcher.tick()
    await process.dispatcher.tick()
    assert (await chain.view(number)).state == "waiting"
    assert chain.pages() == 0
    await chain.resume()
    assert (await process.until_ended(number)).outcome == "verified"


async def test_a_run_made_to_wait_just_after_the_brake_was_released_goes_on(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    number = await chain.start()
    await chain.change(await chain.row(Execution, number), state="waiting")
    assert (await process.until_ended(number)).outcome == "verified"


async def test_a_run_of_yesterday_expires_without_any_call(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    number = await chain.start()
    chain.clock.move(timedelta(days=1))
    run = await process.until_ended(number)
    assert (run.state, run.outcome) == ("expired", "skipped")
    assert chain.pages() == chain.posts() == 0
    assert await chain.cards(run) == 1


async def test_a_stop_in_mid_run_is_resumed_by_the_next_process(chain: Chain, launch: Launch) -> None:
    """The upload in flight is finished; what had not begun, or waits, goes on after the restart."""
    arrived = asyncio.Event()
    hurt = chain.stores[2]
    chain.platform.faults.add(Fault("http_503_html", method="POST", store=hurt.cnpj, times=2))

    def note(call: Call) -> None:
        if call.method == "POST" and call.store == hurt.cnpj:
            arrived.set()

    chain.platform.before_answer = note
    process = await launch(chain)
    number = await chain.start()
    await process.dispatcher.tick()
    async with asyncio.timeout(_SOON):
        await arrived.wait()
    await process.engine.stop()
    before = await chain.view(number)
    assert before.state == "running"
    # Left in mid-wait they would be collected as garbage at any later moment, with an error each.
    assert not workers()
    await chain.restart()
    process = await launch(chain)
    run = await process.until_ended(number)
    assert (run.state, run.outcome) == ("success", "verified")
    for store in chain.stores:
        assert chain.live(store) == chain.expected(store).lines
        assert chain.uploads(store) == 1


async def test_others_still_get_threads_while_the_engine_stops(lone: Chain, launch: Launch) -> None:
    process = await launch(lone)
    assert await process.engine.ended(1) is None
    stopping = asyncio.ensure_future(process.engine.stop())
    while not stopping.done():
        assert await asyncio.to_thread(sum, (1, 2)) == 3
    await stopping


@pytest.mark.parametrize(("others", "ended"), [(False, "success"), (True, "running")])
async def test_a_run_whose_process_is_gone_is_taken_over_by_one_of_another_name(
    lone: Chain, launch: Launch, *, others: bool, ended: str
) -> None:
    arrived = asyncio.Event()
    lone.platform.faults.add(Fault("http_503_html", method="POST", times=2))
    lone.platform.before_answer = lambda call: arrived.set() if call.method == "POST" else None
    process = await launch(lone, "command line")
    number = await lone.start()
    await process.dispatcher.tick()
    async with asyncio.timeout(_SOON):
        await arrived.wait()
    await process.engine.stop()
    await lone.restart()
    lone.platform.faults.clear()
    process = await launch(lone, "bot", others=others)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1 if others else _SOON):
            await process.until_ended(number)
    assert (await lone.view(number)).state == ended


async def test_a_run_left_running_by_a_process_that_never_told_the_engine_is_done(chain: Chain, launch: Launch) -> None:
    number = await chain.start()
    await chain.hub.runner.begin(number)
    process = await launch(chain)
    assert (await process.until_ended(number)).outcome == "verified"
    assert chain.posts() == 3


async def test_a_run_whose_workflow_gave_up_is_closed_and_blocks_nothing(chain: Chain, launch: Launch) -> None:
    """The database refused while the run began, say: its workflow ended, its row did not."""
    process = await launch(chain)
    number = await chain.start()
    await chain.change(await chain.row(Execution, number), state="unknown")
    await process.engine.start(number)
    async with asyncio.timeout(_SOON):
        while not await process.engine.ended(number):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)
    await chain.change(await chain.row(Execution, number), state="pending")
    run = await process.until_ended(number)
    assert (run.state, run.outcome) == ("failed", "failed")
    assert (await process.until_ended(await chain.start())).outcome == "verified"


async def test_a_run_that_the_engine_lost_in_mid_run_is_begun_anew_by_the_same_process(
    lone: Chain, launch: Launch, tmp_path: Path
) -> None:
    arrived = asyncio.Event()
    lone.erp.faults.add(Fault("delay", page=1, parameter=1))
    lone.erp.before_answer = lambda call: arrived.set() if call.page == 1 else None
    process = await launch(lone)
    number = await lone.start()
    await process.dispatcher.tick()
    async with asyncio.timeout(_SOON):
        await arrived.wait()
    with contextlib.closing(sqlite3.connect(tmp_path / "engine.db", timeout=10)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        assert connection.execute("DELETE FROM workflow_status").rowcount == 1
        connection.commit()
    run = await process.until_ended(number)
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.uploads(lone.stores[0]) == 1


async def test_what_ended_long_ago_is_forgotten_and_what_is_at_work_never(chain: Chain, launch: Launch) -> None:
    process = await launch(chain)
    done = await chain.start()
    await process.until_ended(done)
    chain.erp.faults.add(Fault("delay", times=None, parameter=0.5))
    working = await chain.start()
    await process.dispatcher.tick()
    now = datetime.now(UTC)

    assert await process.engine.purge(now - timedelta(days=1)) == 0
    assert await process.engine.ended(done)
    assert await process.engine.purge(now + timedelta(days=1)) == 1
    assert await process.engine.ended(done) is None
    chain.erp.faults.clear()
    assert (await process.until_ended(working)).state == "success"
    await process.dispatcher.tick()
    assert (await chain.view(done)).state == "success"
