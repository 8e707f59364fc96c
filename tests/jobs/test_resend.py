"""A re-send during the day says what it replaces before a person confirms it (`rules.md` 3.5)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.clock import ManualClock
from core.executions.replacing import being_replaced, if_sent_again
from core.executions.views import RunView, StoreView, load_run
from tests.kit.chain import Chain, MakeChain

ZONE = ZoneInfo("America/Sao_Paulo")
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


async def view(chain: Chain, execution_id: int) -> RunView:
    async with chain.database.reading() as session:
        found = await session.run_sync(load_run, execution_id)
    assert found is not None
    return found


def offer(store: StoreView, now: datetime) -> str:
    """Return what the card says beside *Release* and *Retry*, empty for nothing."""
    return "" if store.campaign is None else " ".join(map(str, if_sent_again([(store.name, store.campaign)], now)))


async def test_a_held_store_whose_campaign_runs_says_so_before_the_release_and_at_work(
    either_chain: Chain, clock: ManualClock
) -> None:
    chain = either_chain
    store = chain.stores[0]
    await chain.sync()
    lines = len(chain.live(store))
    clock.instant = TEN.astimezone(UTC)
    chain.erp.scale_prices(store.cnpj, 100)
    held = await chain.sync()
    assert held.outcomes[store.name] == "held"

    found, *others = (await view(chain, held.id)).stores

    assert found.waits
    assert offer(found, TEN) == (
        f"{store.name}: sent again now, it starts at 10:05:00 at the earliest "
        f"and replaces the running campaign ({lines} products)."
    )
    assert not any(other.waits for other in others)
    (releasing,) = (await view(chain, await chain.start_release(held))).stores
    assert releasing.campaign is not None
    said = str(being_replaced([releasing.name], [releasing.campaign], TEN))
    assert said == f"Where prices changed, it replaces the running campaign from 10:05:00: {store.name}."


async def test_the_campaign_of_another_day_or_of_no_day_is_not_replaced(lone: Chain, clock: ManualClock) -> None:
    first = await lone.start()
    assert (await view(lone, first)).stores[0].campaign is None
    await lone.run(first)
    clock.move(timedelta(hours=24))
    assert (await view(lone, await lone.start())).stores[0].campaign is None


async def test_it_is_told_by_the_platforms_lead_and_by_what_is_still_possible(
    make_chain: MakeChain, clock: ManualClock
) -> None:
    chain = await make_chain(stores=1, platform={"lead_minutes": 20})
    await chain.sync()
    campaign = (await view(chain, await chain.start())).stores[0].campaign
    assert campaign is not None
    early = datetime(2026, 11, 23, 5, 30, tzinfo=ZONE)
    (said,) = if_sent_again([("A", campaign)], early)
    assert "starts at 06:00:00" in str(said)
    assert "replaces today's campaign" in str(said)
    (said,) = if_sent_again([("A", campaign)], TEN)
    assert "starts at 10:20:00" in str(said)
    assert if_sent_again([("A", campaign)], TEN.replace(hour=23, minute=40)) == []


async def test_a_dry_run_and_a_comparison_replace_nothing(lone: Chain) -> None:
    await lone.sync()
    dry, compared = await lone.sync(dry_run=True), await lone.compare()
    assert [(await view(lone, run.id)).stores[0].campaign for run in (dry, compared)] == [None, None]
