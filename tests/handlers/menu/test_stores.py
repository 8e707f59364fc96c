"""Stores in the menu: found by typing, looked at, their products paged; nothing beyond one's own."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.executions.states import Outcome
from core.stores.model import Store
from core.texts import T
from handlers.menu.stores.states import Stores
from tests.handlers.kit import RUI, Desk
from tests.handlers.menu.morning import a_morning
from tests.handlers.menu_kit import Walk, opener

TO_COME = "🕕 001 Centro: 241 live at 6:00\u202fAM"


async def more_stores(desk: Desk, number: int) -> None:
    async with desk.database.writing() as session:
        session.add_all(
            Store(organisation_id=desk.organisation_id, name=f"1{n:02} Filial São {n}", cnpj=f"99{n:012}")
            for n in range(number)
        )


async def test_each_store_shows_at_a_glance_how_it_stands(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        assert "Stores: 3" in await walk.says("/stores")
        assert walk.labels[:3] == [TO_COME, "✋ 002 Norte: held", "❌ 003 Sul: failed"]
        page = await walk.taps("003")

    assert "Last sync: failed. The ERP is away." in page


async def test_a_list_is_called_live_once_its_campaign_has_begun_and_not_before(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/stores")
        early = await walk.taps("001")
        assert "🕕 241 products live from 6:00 AM until 11:59 PM (verified: 5:10 AM)" in early.replace("\u202f", " ")
        desk.clock.move(timedelta(hours=2))
        await walk.taps("Back")
        assert walk.labels[0] == "🟢 001 Centro: 241 products live"
        assert "🟢 241 products live until 11:59 PM (verified: 5:10 AM)" in (await walk.taps("001")).replace(
            "\u202f", " "
        )


async def test_page_and_search_are_kept_when_coming_back_even_through_home(desk: Desk) -> None:
    await more_stores(desk, 20)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/menu")
        await walk.taps("Stores", "2 ▶")
        first = walk.labels
        await walk.taps("Filial São 5", "Back")
        assert walk.labels == first
        await walk.taps("Home", "Stores")
        assert walk.labels == first
        assert "“sao 1”: 20 results" in await walk.says("sao 1")
        found = walk.labels
        assert "“sao 1”: 20 results" in await walk.says("/stores")
        assert walk.labels == found
        assert "Stores: 23" in await walk.taps("See all")


async def test_a_typed_search_moves_the_menu_below_the_words(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/stores")
        before = walk.message
        assert "Stores: 1" in await walk.says("nor")

    assert walk.message.id > before.id


async def test_in_a_group_only_an_answer_to_the_menu_is_a_search(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana, desk.group)
        await walk.says("/stores")
        assert "Stores: 3" in await walk.says("nor /x")
        assert "Stores: 1" in await walk.says("nor", reply=True)


async def test_products_are_paged_and_found_by_name_code_and_ean(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/stores")
        await walk.taps("001")
        assert "241 discounted products" in await walk.taps("Products")
        assert "1 discounted product" in await walk.says("2007")
        assert "Verified" in await walk.taps("PRODUTO 2007")
        await walk.taps("Back")
        assert "no discounted products" in await walk.says("100% off_")
        assert "1 discounted product" in await walk.says("leite caf")


async def test_a_manager_of_some_stores_sees_no_other(desk: Desk) -> None:
    await a_morning(desk)
    await desk.set_person(RUI, store_ids=[desk.store_ids[1]])
    states = {"one": Stores.one, "products": Stores.products, "product": Stores.product}
    foreign = {"store": desk.store_ids[0], "code": "1203"}
    async with opener(desk, states, dict.fromkeys(states, foreign)):
        walk = Walk(desk, desk.rui)
        assert "Stores: 1" in await walk.says("/stores")
        for name in states:
            await desk.rui.says(f"/open {name}")
            await desk.telegram.wait_for(RUI, "not among your")


async def test_a_store_that_was_taken_from_a_manager_meanwhile_leads_home(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/stores")
        await walk.taps("001")
        await desk.set_person(RUI, store_ids=[desk.store_ids[1]])
        text = await walk.taps("Why")
        assert "Type its code" in text
        assert "not among your" in await walk.says("1203")
        assert "Home" in walk.text


@pytest.mark.parametrize("forged", ["item:999999", "item:1", "item:x", "item:", "list_pager:-1", "list_pager:99999999"])
async def test_a_forged_choice_shows_nothing_that_is_not_ones_own(desk: Desk, forged: str) -> None:
    await desk.set_person(RUI, store_ids=[desk.store_ids[1]])
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/stores")
        intent = walk.data("002").partition("\x1d")[0]
        await walk.forges(f"{intent}\x1d{forged}")

        assert "Centro" not in walk.text + "".join(walk.labels)
    assert not any("went wrong" in text for text in desk.texts(RUI))


async def test_a_store_that_a_newer_run_left_out_still_tells_of_its_own_last_one(desk: Desk) -> None:
    await a_morning(desk)
    newer = await desk.start_run()
    await desk.set_store(newer, 2, Outcome.HELD, T("Held: {reasons}.", reasons="everything changed"))
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/stores")
        assert walk.labels[:3] == [TO_COME, "✋ 002 Norte: held", "✋ 003 Sul: held"]


async def test_a_store_of_the_old_system_says_so_at_a_glance_and_on_its_page_and_offers_no_deed(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.database.writing() as session:
        await session.execute(update(Store).where(Store.name == "001 Centro").values(cut_over=False))
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/stores")
        assert walk.labels[0] == "🧪 001 Centro: worked out only"
        page = await walk.taps("001")
        assert "🧪 The old system still sends it: runs work everything out, compare, and send nothing." in page
        assert not {"🔁 Send again", "🧹 Clear store"} & set(walk.labels)
        assert "🧪 1 store is worked out only: the old system still sends it." in await walk.says("/status")


async def test_the_switch_is_in_the_form_of_the_store(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/stores")
        await walk.taps("002", "Change")
        assert any("Chimera sends" in label for label in walk.labels) or "Chimera sends" in walk.text
