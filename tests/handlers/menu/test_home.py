"""The home menu: whole in private, short where others read along."""

from core.executions.states import Outcome
from core.jobs.model import JobType
from core.stores.model import Store
from tests.handlers.kit import RUI, VERA, Desk
from tests.handlers.menu_kit import Walk

SHORT = ["📊 Status", "▶️ Run", "📜 History", "🔎 Look up", "🔒 The whole menu, in private"]


async def test_in_a_group_the_menu_is_short_and_leads_to_the_whole_one_in_private(desk: Desk) -> None:
    await desk.set_person(RUI, role="owner")
    async with desk.chat():
        rui = Walk(desk, desk.rui, desk.group)
        await rui.says("/menu")
        assert rui.labels == SHORT
        (address,) = [one.url for row in rui.message.buttons for one in row if one.url]
        assert address == f"https://t.me/{desk.telegram.world.bot.username}?start=menu"
        await rui.taps("Status", "Home")
        assert rui.labels == SHORT
        private = Walk(desk, desk.rui)
        await private.says("/start menu")
        assert {"👥 People", "⚙️ Settings"} <= set(private.labels)


async def test_in_a_group_a_viewer_is_not_offered_to_run(desk: Desk) -> None:
    async with desk.chat():
        vera = Walk(desk, desk.vera, desk.group)
        await vera.says("/menu")

    assert vera.labels == [one for one in SHORT if "Run" not in one]


async def test_a_role_lost_meanwhile_counts_at_the_next_tap(desk: Desk) -> None:
    async with desk.chat():
        rui = Walk(desk, desk.rui, desk.group)
        await rui.says("/menu")
        await desk.set_person(RUI, role="viewer")
        assert "You may not do this" in await rui.taps("Run")


async def test_with_one_job_run_leads_straight_to_it_and_with_several_it_asks(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "Daily sync · sync" in await walk.says("/run")
        assert "▶️ Run now" in walk.labels
        assert "Home" in await walk.taps("Back")
        assert "Daily sync · sync" in await walk.taps("Run")
        assert "Home" in await walk.taps("Back")
        await desk.add_job("Cleanup", JobType.CLEANUP)
        assert "Run which job?" in await walk.says("/run")
        await walk.taps("Daily sync")
        assert "Run which job?" in await walk.taps("Back")
        rui = Walk(desk, desk.rui)
        assert "Daily sync · sync" in await rui.says("/run"), "the cleanup is not for him"
        await desk.vera.says("/run")
        await desk.telegram.wait_for(VERA, "You may not do this")


async def test_who_has_some_stores_only_is_told_of_those(desk: Desk) -> None:
    await desk.start_run(outcomes=(Outcome.VERIFIED, None, None))
    await desk.set_row(Store, desk.store_ids[0], cut_over=False)
    await desk.set_person(RUI, store_ids=desk.store_ids[1:])
    async with desk.chat():
        told = await Walk(desk, desk.rui).says("/status")
        assert "Daily sync, 0 of 2 stores" in told
        assert "worked out only" not in told
        await desk.set_person(RUI, store_ids=desk.store_ids[:1])
        told = await Walk(desk, desk.rui).says("/status")
        assert "Daily sync, 1 of 1 store" in told
        assert "1 store is worked out only" in told
        await desk.set_person(RUI, store_ids=[])
        assert "Nothing is running" in await Walk(desk, desk.rui).says("/status"), "of no store of his"
        assert "Daily sync, 1 of 3 stores" in await Walk(desk, desk.ana).says("/status")
