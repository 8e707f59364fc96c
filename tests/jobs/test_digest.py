"""The morning digest: once per job and day, a quarter of an hour before the first opening."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import ManualClock
from core.executions.byhand import Deed, DoDeed
from core.ids import new_id
from core.jobs.model import Job
from core.outbox.model import Message
from jobs.digest import MorningDigest
from sandbox.faults import Fault
from tests.kit.chain import ADMIN, GROUP, Chain, MakeChain

OPENS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
async def morning(make_chain: MakeChain, clock: ManualClock) -> Chain:
    """Due at 05:10, opening at 06:00; it is 05:10."""
    clock.instant = OPENS - timedelta(minutes=50)
    return await make_chain(schedule="10 5 * * *")


async def digests(chain: Chain) -> list[str]:
    for _ in range(2):
        await MorningDigest(chain.database, chain.clock, chain.hub.notices).tick()
    return [text for text in await chain.messages() if "Good morning" in text]


async def rule(chain: Chain, *events: str) -> None:
    await chain.change(await chain.row(Job, chain.sync_job), notify=[{"channel": "Ops", "on": list(events)}])


async def test_it_comes_a_quarter_of_an_hour_before_the_first_opening_and_once(
    morning: Chain, clock: ManualClock
) -> None:
    await morning.sync()
    clock.instant = OPENS - timedelta(minutes=16)
    assert await digests(morning) == []
    clock.instant = OPENS - timedelta(minutes=15)
    assert await digests(morning) == ["☀️ Good morning. All 3 stores carry today's discounts."]
    clock.move(timedelta(minutes=60))
    assert len(await digests(morning)) == 1


async def test_a_cleared_store_is_not_counted_among_those_that_carry_discounts(
    morning: Chain, clock: ManualClock
) -> None:
    await morning.sync()
    do = DoDeed(morning.database, clock, morning.hub.writer, morning.hub.recorder)
    morning.platform.options.check_empty = False
    confirmed = replace(morning.admin, confirmed=True)
    cleared = await do(confirmed, Deed.CLEAR, morning.stores[0].id, new_id())
    assert (await morning.run(cleared.execution_id)).outcome == "verified"
    clock.instant = OPENS - timedelta(minutes=15)

    (digest,) = await digests(morning)

    head, *others = digest.splitlines()
    assert head == "☀️ Good morning. All 2 stores carry today's discounts."
    assert others == ["1 store carries no discounts today: cleared, or released without any."]


async def test_a_bot_that_was_away_tells_nothing_an_hour_after_the_opening(morning: Chain, clock: ManualClock) -> None:
    clock.instant = OPENS + timedelta(minutes=61)
    assert await digests(morning) == []


async def test_stores_in_need_are_named_with_what_happened(morning: Chain, clock: ManualClock) -> None:
    morning.platform.faults.add(Fault("lose_lines", store=morning.stores[1].cnpj))
    await morning.sync(*morning.stores[:2])
    clock.instant = OPENS - timedelta(minutes=10)

    (digest,) = await digests(morning)

    lines = digest.splitlines()
    assert lines[0] == "☀️ Good morning. 1 of 3 stores live, 2 need you:"
    assert lines[1].startswith("• Loja 2: ")
    assert lines[2:] == [
        "• Loja 3: nothing was sent today",
        "Release or retry them on the card of the run, or start /sync.",
    ]


@pytest.mark.parametrize("held_since", [False, True])
async def test_a_campaign_that_a_later_send_put_in_doubt_does_not_count(morning: Chain, held_since: bool) -> None:
    (store, *_) = morning.stores
    await morning.sync()
    code, (base, club, _) = next(iter(morning.expected(store).lines.items()))
    morning.erp.change(store.cnpj, code, club_price=(base + club) / 2)
    morning.platform.faults.add(Fault("lose_lines", store=store.cnpj))
    morning.clock.move(timedelta(minutes=10))
    assert (await morning.sync(store)).outcome == "not_verified"
    if held_since:
        morning.erp.scale_prices(store.cnpj, 100)
        assert (await morning.sync(store)).outcome == "held"
    morning.clock.instant = OPENS - timedelta(minutes=10)

    (digest,) = await digests(morning)
    assert "2 of 3 stores live" in digest
    await morning.hub.watch.tick()
    assert any("1 store is not live before opening" in text for text in await morning.messages())


async def test_a_campaign_that_was_in_doubt_and_is_proven_since_counts(morning: Chain) -> None:
    morning.platform.faults.add(Fault("lose_lines", store=morning.stores[0].cnpj))
    run = await morning.sync()
    await morning.retry(run)
    morning.clock.instant = OPENS - timedelta(minutes=10)
    assert await digests(morning) == ["☀️ Good morning. All 3 stores carry today's discounts."]


async def test_yesterdays_campaign_does_not_count(morning: Chain, clock: ManualClock) -> None:
    await morning.sync()
    clock.instant = OPENS + timedelta(days=1, minutes=-10)

    (digest,) = await digests(morning)

    assert "0 of 3 stores live" in digest


async def test_the_first_opening_counts_in_the_zone_of_its_store(morning: Chain, clock: ManualClock) -> None:
    for store in morning.stores:
        await morning.change(store, timezone="America/Manaus")
    clock.instant = OPENS - timedelta(minutes=15)
    assert await digests(morning) == []
    clock.move(timedelta(hours=1))
    assert len(await digests(morning)) == 1


@pytest.mark.parametrize(("events", "chat"), [(["digest"], GROUP), (["success"], ADMIN), ([], ADMIN)])
async def test_it_goes_where_a_rule_says_else_to_the_owners(
    morning: Chain, clock: ManualClock, events: list[str], chat: int
) -> None:
    await rule(morning, *events)
    clock.instant = OPENS - timedelta(minutes=15)
    await digests(morning)
    async with morning.database.reading() as session:
        found = list(await session.scalars(select(Message.chat_id).where(Message.dedupe_key.startswith("digest:"))))

    assert found == [chat]
