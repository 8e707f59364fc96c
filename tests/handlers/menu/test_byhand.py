"""By hand from the menu: confirmed with its numbers, by those who may, with the PIN where it counts."""

from datetime import timedelta

import pytest

from core.executions.model import Execution
from core.people.choosing import SetPin
from core.people.model import Person
from core.stores.model import Store
from tests.handlers.kit import ANA, GROUP, RUI, Desk
from tests.handlers.menu.morning import COFFEE, a_morning
from tests.handlers.menu_kit import Walk

PIN = "482913"


@pytest.fixture
async def morning(desk: Desk) -> Desk:
    """A store live since its opening; Rui may release."""
    await a_morning(desk)
    await desk.set_person(RUI, may_release=True)
    desk.clock.move(timedelta(hours=4))
    return desk


async def deeds(desk: Desk) -> list[tuple[str, object, str]]:
    runs = [one for one in await desk.rows(Execution) if one.type == "by_hand"]
    return [(one.options["deed"], one.options["code"], one.requested_by) for one in runs]


async def to_coffee(walk: Walk) -> str:
    await walk.says("/stores")
    await walk.taps("001", "Products")
    await walk.says(COFFEE)
    return await walk.taps("CAFÉ")


async def test_a_product_is_taken_off_after_its_numbers_were_confirmed(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await to_coffee(walk)
        text = await walk.taps("Take off now")
        assert "1 of 241 products" in text
        assert "9:15\u202fAM and replaces the running one." in text
        assert await deeds(morning) == []
        assert "It is on its way" in await walk.taps("Yes, take it off")
        await morning.telegram.wait_for(RUI, "By hand: a product taken off by Rui")

    assert await deeds(morning) == [("take_off", COFFEE, "Rui")]


async def test_a_product_of_a_store_that_the_old_system_sends_is_not_offered_to_be_taken_off(morning: Desk) -> None:
    await morning.set_row(Store, morning.store_ids[0], cut_over=False)
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        assert "The old system sends this store, so it is taken off there." in await to_coffee(walk)
        assert not any("Take off" in label for label in walk.labels)


async def test_back_does_nothing(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await to_coffee(walk)
        await walk.taps("Take off now", "Back", "Back", "Back", "Send again", "Back")
        assert "001 Centro" in walk.text

    assert await deeds(morning) == []


async def test_two_taps_on_yes_start_one_run(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await to_coffee(walk)
        await walk.taps("Take off now")
        data = walk.data("Yes")
        taps = [await morning.rui.taps(walk.message, data=data) for _ in range(3)]
        for tap in taps:
            await tap
        await walk.says("/menu")

    assert len(await deeds(morning)) == 1


async def test_who_may_not_release_is_offered_nothing_and_refused(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.vera)
        await to_coffee(walk)
        assert not any("Take off" in label for label in walk.labels)
        intent = walk.data("Back").partition("\x1d")[0]
        await walk.forges(f"{intent}\x1dtake_off")
        assert "You may not do this" in walk.text
        assert not any("Yes" in label for label in walk.labels)

    assert await deeds(morning) == []


async def test_a_right_taken_away_before_yes_counts(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await to_coffee(walk)
        await walk.taps("Take off now")
        await morning.set_person(RUI, may_release=False)
        assert "You may not do this" in await walk.taps("Yes")

    assert await deeds(morning) == []


async def test_a_manager_is_not_offered_to_clear_a_store(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await walk.says("/stores")
        await walk.taps("001")
        assert not any("Clear" in label for label in walk.labels)
        intent = walk.data("Back").partition("\x1d")[0]
        await walk.forges(f"{intent}\x1dclear")
        assert "You may not do this" in await walk.taps("Yes")

    assert await deeds(morning) == []


async def test_clearing_without_a_pin_says_how_to_set_one(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.ana)
        await walk.says("/stores")
        assert "Takes all 241 products off" in await walk.taps("001", "Clear store")
        assert "Set one here" in await walk.taps("Yes")

    assert await deeds(morning) == []


async def test_clearing_takes_the_pin_and_the_typed_pin_disappears(morning: Desk) -> None:
    await set_pin(morning)
    async with morning.chat():
        walk = Walk(morning, morning.ana)
        await walk.says("/stores")
        assert "This needs your PIN" in await walk.taps("001", "Clear store", "Yes")
        assert "not your PIN" in await walk.says("111111")
        assert "It is on its way" in await walk.says(PIN)

    assert await deeds(morning) == [("clear", "", "Ana")]
    assert all(one.deleted for one in morning.telegram.messages(ANA) if one.text in (PIN, "111111"))


async def test_a_pin_is_not_taken_in_a_group(morning: Desk) -> None:
    await set_pin(morning)
    async with morning.chat():
        walk = Walk(morning, morning.ana, morning.group)
        await walk.says("/stores")
        assert "others read along here" in await walk.taps("001", "Clear store", "Yes")
        assert "Others read along here" in await walk.says(PIN, reply=True)

    assert await deeds(morning) == []
    assert all(PIN not in text for text in morning.texts(GROUP))


async def test_yesterdays_list_is_sent_again_and_says_of_which_day_it_is(morning: Desk) -> None:
    morning.clock.move(timedelta(days=1))
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await walk.says("/stores")
        assert "verified list of 11/23/26 again: 241 products" in await walk.taps("001", "Send again")
        assert "It is on its way" in await walk.taps("Yes")


async def test_a_store_without_any_campaign_says_so_on_its_page(morning: Desk) -> None:
    async with morning.chat():
        walk = Walk(morning, morning.rui)
        await walk.says("/stores")
        assert "003 Sul has no verified campaign" in await walk.taps("003", "Send again")
        assert "🏪 003 Sul" in walk.text


async def set_pin(desk: Desk) -> None:
    set_own = await desk.container.get(SetPin)
    (ana,) = [one for one in await desk.rows(Person) if one.telegram_id == ANA]
    await set_own(ana.actor("chat", "en"), PIN)
