"""Two runs of one store: what another one sent meanwhile is not undone with older prices."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from core.catalogue.model import PreparedList
from core.db.database import Database
from tests.jobs.test_one_upload import second_run
from tests.kit.chain import Chain, Run
from tests.kit.hub import Hub


async def _overtaken(chain: Chain, change: Callable[[], None], *, other: str = "verified") -> Run:
    """Run a job that waits for its turn to send; meanwhile prices change, and another job comes to `other`."""
    (store,) = chain.stores
    hub, first = Hub(chain.database, chain.clock, chain.setup), await chain.start()
    async with asyncio.TaskGroup() as tasks, chain.hub.sender.store_lock(store.id):
        running = tasks.create_task(chain.run(first))
        while not await _prepared(chain.database, first, store.id):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
        chain.clock.move(timedelta(minutes=1))
        change()
        second = await second_run(chain)
        await hub.runner.begin(second)
        assert await hub.runner.run_store(second, store.id) == other
    await hub.close()
    return running.result()


async def _prepared(database: Database, run_id: int, store_id: int) -> bool:
    async with database.reading() as session:
        return await session.get(PreparedList, (run_id, store_id)) is not None


async def test_older_prices_do_not_replace_newer_ones(lone: Chain) -> None:
    (store,) = lone.stores
    code, (base, club, _) = next(iter(lone.expected(store).lines.items()))
    run = await _overtaken(lone, lambda: lone.erp.change(store.cnpj, code, club_price=(base + club) / 2))
    assert (run.outcome, lone.posts()) == ("already_live", 1)
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)


async def test_a_product_that_another_run_made_live_is_not_taken_for_somebody_elses(lone: Chain) -> None:
    (store,) = lone.stores
    code, (_, club, _) = next(iter(lone.expected(store).lines.items()))
    lone.erp.change(store.cnpj, code, club_price=Decimal(0))
    run = await _overtaken(lone, lambda: lone.erp.change(store.cnpj, code, club_price=club))
    assert (run.outcome, lone.posts()) == ("already_live", 1)
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)
    assert await lone.holds(store) == []


async def test_older_prices_are_not_sent_when_the_newer_ones_wait_for_a_person(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    lone.clock.move(timedelta(minutes=10))
    code, (base, club, _) = next(iter(lone.expected(store).lines.items()))
    lone.erp.change(store.cnpj, code, club_price=(base + club) / 2)
    run = await _overtaken(lone, lambda: lone.erp.scale_prices(store.cnpj, 100), other="held")
    assert (run.outcome, lone.posts()) == ("held", 1)


async def test_a_stop_does_not_wait_for_a_run_that_waits_for_its_turn(lone: Chain) -> None:
    (store,), run_id = lone.stores, await lone.start()
    async with lone.hub.sender.store_lock(store.id):
        work = asyncio.ensure_future(lone.run(run_id))
        while not await _prepared(lone.database, run_id, store.id):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
        async with asyncio.timeout(5):
            await lone.hub.gate.close(20)
        assert not work.done()
    lone.hub.gate.abandon()
    with pytest.raises(asyncio.CancelledError):
        await work
    await lone.restart()
    assert (await lone.run(run_id)).outcome == "verified"
