"""Where a list was verified: at another platform, account, registration or unit it proves nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.jobs.model import Job
from core.stores.viewing import live_lists
from jobs.settled import settled_stores
from sandbox.crescevendas import PlatformServer
from tests.kit.chain import PLATFORM, Chain, store_cnpj

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TODAY = (datetime(2026, 11, 23, 6, tzinfo=SAO_PAULO), datetime(2026, 11, 23, 23, 59, tzinfo=SAO_PAULO))


async def _counts_as_live(chain: Chain) -> bool:
    (store,) = chain.stores
    async with chain.database.reading() as session:
        job = await session.get_one(Job, chain.sync_job)
        return store.id in await settled_stores(session, job, [store.id], TODAY[0].date())


async def _shown_live(chain: Chain) -> bool:
    (store,) = chain.stores
    async with chain.database.reading() as session:
        return bool(await session.run_sync(live_lists, [store.id], chain.clock.now()))


async def _set(chain: Chain, **settings: str) -> None:
    """Change what the platform's integration is set up with."""
    row = await chain.integration(PLATFORM)
    await chain.change(row, settings=row.settings | settings, revision=row.revision + 1)


async def test_what_was_verified_elsewhere_counts_as_live_nowhere_else_until_the_store_comes_back(lone: Chain) -> None:
    (store,) = lone.stores
    assert (await lone.sync()).outcome == "verified"
    settings = dict((await lone.integration(PLATFORM)).settings)
    for change in ({"base_url": "http://127.0.0.1:9"}, {"email": "other@example.test"}):
        await _set(lone, **change)
        assert not await _counts_as_live(lone), change
        await _set(lone, **settings)
        assert await _counts_as_live(lone)
    for number in ("cnpj", "unit", "platform_registration"):
        before = getattr(store, number)
        await lone.change(store, **{number: store_cnpj(7)})
        assert (await _counts_as_live(lone), await _shown_live(lone)) == (False, False), number
        await lone.change(store, **{number: before})
        assert (await _counts_as_live(lone), await _shown_live(lone)) == (True, True)


@pytest.mark.parametrize("moved", ["platform", "registration"])
async def test_what_was_verified_elsewhere_makes_no_line_of_somebody_else_ours(lone: Chain, moved: str) -> None:
    (store,) = lone.stores
    assert (await lone.sync()).outcome == "verified"
    code = min(lone.live(store))
    theirs = [{"code": code, "price": "10.00", "final_price": "8.00"}]
    async with PlatformServer([store.cnpj, store_cnpj(7)], clock=lone.clock.now) as other:
        if moved == "platform":
            other.add_foreign(store.cnpj, theirs, TODAY)
            await _set(lone, base_url=other.url)
        else:
            lone.platform.add_store(store_cnpj(7))
            lone.platform.add_foreign(store_cnpj(7), theirs, TODAY)
            await lone.change(store, platform_registration=store_cnpj(7))
        posts = lone.posts()
        run = await lone.sync()
        assert (run.outcome, run.counts[store.name]["foreign"]) == ("held", 1)
        assert (lone.posts(), other.uploads) == (posts, [])
        await lone.hub.connections.close()
