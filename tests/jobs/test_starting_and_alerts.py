"""Starting runs by hand, telling who must know, and the look before opening."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import ManualClock
from core.errors import BadInput, Conflict, NotFound
from core.executions.resync import Resync
from core.executions.starting import Order, StartRun
from core.ids import new_id
from sandbox.faults import Fault
from tests.kit.chain import Chain, MakeChain

OPENS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""06:00 in São Paulo."""


async def test_two_people_who_start_at_once_start_one_run(either_chain: Chain) -> None:
    chain = either_chain
    numbers = await asyncio.gather(*(chain.start() for _ in range(5)))
    assert len(set(numbers)) == 1
    assert len(await chain.runs()) == 1
    assert (await chain.run(numbers[0])).outcome == "verified"
    assert chain.posts() == 3


async def test_differing_stores_sent_anew_while_somebody_starts_the_job_start_one_run(either_chain: Chain) -> None:
    chain = either_chain
    compared = await chain.compare()
    resync = Resync(chain.database, chain.hub.writer)
    again = asyncio.ensure_future(resync(chain.admin, compared.id, new_id(), confirmed=True))
    numbers = await asyncio.gather(*(chain.start() for _ in range(3)))
    assert {(await again).execution_id} == set(numbers)
    assert len(await chain.runs()) == 2


async def test_the_same_cause_never_starts_two_runs(either_chain: Chain) -> None:
    chain = either_chain
    first = await chain.start(key="update:1")
    await chain.run(first)
    assert await chain.start(key="update:1") == first
    assert await chain.start(key="update:2") != first


async def test_a_run_at_work_is_pointed_to(chain: Chain) -> None:
    running = await chain.start()
    await chain.hub.runner.begin(running)
    assert await chain.start(chain.stores[0]) == running


async def test_an_unknown_store_starts_nothing(chain: Chain) -> None:
    with pytest.raises(BadInput, match="no active store"):
        await StartRun(chain.database, chain.hub.writer)(chain.admin, Order("k", words=["Nowhere"]))
    with pytest.raises(NotFound, match="no enabled job"):
        await StartRun(chain.database, chain.hub.writer)(chain.admin, Order("k", job_name="Nope"))
    assert await chain.runs() == []


async def test_a_retry_takes_the_bad_stores_only(chain: Chain) -> None:
    bad = chain.stores[1]
    chain.platform.faults.add(Fault("inner_422", store=bad.cnpj, method="POST"))
    run = await chain.sync()
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "failed", "Loja 3": "verified"}
    again = await chain.retry(run)
    assert again.outcomes == {"Loja 2": "verified"}
    assert chain.posts() == 4
    with pytest.raises(Conflict, match="nothing to retry"):
        await chain.retry(again)


async def test_every_run_has_one_card_in_each_chat(chain: Chain) -> None:
    run = await chain.sync()
    assert await chain.cards(run) == 1


async def test_unexpected_trouble_in_one_store_is_told_by_its_number_and_stays_there(chain: Chain) -> None:
    """A field that the database cannot keep, for one: nobody foresaw it."""
    await chain.change(chain.stores[1], timezone="Nowhere/Atlantis")
    run_id = await chain.start()
    store_ids = await chain.hub.runner.begin(run_id)
    results = await asyncio.gather(
        *(chain.hub.runner.run_store(run_id, store_id) for store_id in store_ids), return_exceptions=True
    )
    assert [str(result) for result in results if not isinstance(result, BaseException)] == ["verified", "verified"]
    assert await chain.hub.runner.end(run_id) == "partial"


@pytest.fixture
async def opening(make_chain: MakeChain, clock: ManualClock) -> Chain:
    """Due at 05:10, opening at 6:00\u202fAM; it is 05:00."""
    clock.instant = OPENS - timedelta(hours=1)
    return await make_chain(schedule="10 5 * * *")


async def _alarms(chain: Chain) -> list[str]:
    await chain.hub.watch.tick()
    await chain.hub.watch.tick()
    return [text for text in await chain.messages() if "not live before opening" in text]


async def test_stores_that_are_not_live_before_opening_are_told_once(opening: Chain, clock: ManualClock) -> None:
    clock.instant = OPENS - timedelta(minutes=16)
    assert await _alarms(opening) == []
    clock.instant = OPENS - timedelta(minutes=15)
    (alarm,) = await _alarms(opening)
    assert alarm.startswith("🔔 3 stores are not live before opening at 6:00\u202fAM:")
    clock.move(timedelta(minutes=30))
    await opening.restart()
    assert len(await _alarms(opening)) == 1
    clock.instant = OPENS + timedelta(days=1, minutes=-15)
    assert len(await _alarms(opening)) == 2


async def test_verified_stores_raise_no_alarm(opening: Chain, clock: ManualClock) -> None:
    await opening.sync()
    clock.instant = OPENS - timedelta(minutes=10)
    assert await _alarms(opening) == []


async def test_only_the_store_that_failed_is_named(opening: Chain, clock: ManualClock) -> None:
    opening.platform.faults.add(Fault("lose_lines", store=opening.stores[1].cnpj))
    await opening.sync()
    clock.instant = OPENS - timedelta(minutes=10)
    (alarm,) = await _alarms(opening)
    assert "1 store is not live" in alarm
    assert "Loja 2" in alarm
    assert "Loja 1" not in alarm


async def test_yesterdays_campaign_does_not_count(opening: Chain, clock: ManualClock) -> None:
    await opening.sync()
    clock.instant = OPENS + timedelta(days=1, minutes=-10)
    assert len(await _alarms(opening)) == 1


async def test_a_store_in_another_zone_opens_at_its_own_hour(opening: Chain, clock: ManualClock) -> None:
    for store in opening.stores[1:]:
        await opening.change(store, timezone="America/Manaus")
    clock.instant = OPENS - timedelta(minutes=15)
    (alarm,) = await _alarms(opening)
    assert "1 store is not live" in alarm


async def test_a_store_that_opens_later_that_day_is_missed_later(opening: Chain, clock: ManualClock) -> None:
    for store in opening.stores[1:]:
        await opening.change(store, opening={"mon": "07:30"})
    clock.instant = OPENS - timedelta(minutes=15)
    assert ["1 store is not live" in alarm for alarm in await _alarms(opening)] == [True]
    clock.instant = OPENS + timedelta(minutes=75)
    assert "2 stores are not live before opening at 7:30\u202fAM" in (await _alarms(opening))[-1]
