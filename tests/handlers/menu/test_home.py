"""The home menu: whole in private, short where others read along."""

from tests.handlers.kit import RUI, Desk
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
