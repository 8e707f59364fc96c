"""The brake in the menu and by command: chain, tag, store; each only as far as one's stores go."""

from core.organisations.model import Organisation
from core.stores.model import Store
from tests.handlers.kit import RUI, VERA, Desk
from tests.handlers.menu_kit import Walk


async def tagged(desk: Desk) -> None:
    async with desk.database.writing() as session:
        for store in desk.store_ids[:2]:
            (await session.get_one(Store, store)).tags = ["south"]


async def paused(desk: Desk) -> list[str]:
    chain = ["chain" for one in await desk.rows(Organisation) if one.paused_at]
    return chain + [one.name for one in await desk.rows(Store) if one.paused_at]


async def test_chain_tag_and_store_are_paused_and_resumed_with_their_numbers(desk: Desk) -> None:
    await tagged(desk)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("Pause")
        assert walk.labels[:3] == ["🏢 The whole chain", "🔖 south (2 stores)", "🏪 001 Centro"]
        assert "are paused" not in await walk.taps("south")
        assert "Pause sending to 2 stores?" in walk.text
        assert "paused for 2 stores" in await walk.taps("Yes, pause")
        assert "?" not in walk.text
        assert await paused(desk) == ["001 Centro", "002 Norte"]
        assert "store" not in await walk.taps("Back", "001")
        assert "Sending goes on" in await walk.taps("Resume")
        assert await paused(desk) == ["002 Norte"]
        await walk.taps("Back", "whole chain", "Yes, pause")
        assert await paused(desk) == ["chain", "002 Norte"]
        await walk.taps("Resume", "Back")
        assert "🔖 south (2 stores): 1 of 2 paused" in " ".join(walk.labels)
        assert "⏸ 002 Norte: paused" in " ".join(walk.labels).replace("🏪 ", "")


async def test_a_manager_brakes_own_stores_only(desk: Desk) -> None:
    await tagged(desk)
    await desk.set_person(RUI, store_ids=desk.store_ids[1:])
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/menu")
        await walk.taps("Pause")
        assert [label for label in walk.labels if "Centro" in label or "chain" in label] == []
        await walk.taps("south", "Yes, pause")
        assert await paused(desk) == ["002 Norte"]
        for command in ("/pause 001", "/pause Centro", "/pause nowhere"):
            await desk.rui.says(command)
            await desk.telegram.wait_for(RUI, f"no store or tag “{command.split()[1]}” among yours")
        await desk.rui.says("/pause")
        await desk.telegram.wait_for(RUI, "you manage some stores only")

    assert await paused(desk) == ["002 Norte"]


async def test_commands_pause_by_name_and_ask_when_several_are_meant(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/pause 002")
        await desk.telegram.wait_for(desk.ana.id, "002 Norte: nothing is sent there")
        await desk.ana.says("/pause 00")
        await desk.telegram.wait_for(desk.ana.id, "could mean several: 001 Centro, 002 Norte, 003 Sul")
        assert await paused(desk) == ["002 Norte"]
        await desk.ana.says("/resume 002 Norte")
        await desk.telegram.wait_for(desk.ana.id, "Sending goes on")
        await desk.ana.says("/resume 003")
        await desk.telegram.wait_for(desk.ana.id, "003 Sul: nothing was paused there")

    assert await paused(desk) == []


async def test_a_viewer_has_no_brake(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/menu")
        assert not any("Pause" in label for label in walk.labels)
        intent = walk.data("Status").partition("\x1d")[0]
        await walk.forges(f"{intent}\x1dbrake")
        assert "You may not do this" in walk.text
        await desk.vera.says("/pause 001")
        await desk.telegram.wait_for(VERA, "You may not do this")

    assert await paused(desk) == []
