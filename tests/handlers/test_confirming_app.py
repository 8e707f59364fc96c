"""An authenticator app in the chat: shown as a picture, proved, asked for; and what goes wrong on the way."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.db.tables import METADATA
from core.history.model import AuditEntry
from core.people.choosing import SetApp, SetPin
from core.people.codes import address, new_key
from core.people.model import Confirmation, Person, Way
from handlers.confirming.pictures import drawn
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, RUI, Desk
from tests.handlers.menu_kit import Walk, settled
from tests.kit.authenticator import STEP_SECONDS, code_of, key_in

PIN = "829107"
STEP = timedelta(seconds=STEP_SECONDS)


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    await desk.set_person(ANA, role="owner")
    async with desk.chat():
        yield Walk(desk, desk.ana)


def pictures(desk: Desk, chat: int = ANA) -> list[Message]:
    return [one for one in desk.telegram.messages(chat) if one.photo]


async def person(desk: Desk, telegram_id: int) -> Person:
    (found,) = [one for one in await desk.rows(Person) if one.telegram_id == telegram_id]
    assert isinstance(found, Person)
    return found


async def give_app(desk: Desk, telegram_id: int) -> str:
    """Let somebody have an app already. Returns its key."""
    key, somebody = new_key(), (await person(desk, telegram_id)).actor("chat", "en")
    await (await desk.container.get(SetApp))(somebody, key, int(desk.clock.now().timestamp()) // STEP_SECONDS - 1)
    return key


async def give_pin(desk: Desk, telegram_id: int) -> None:
    await (await desk.container.get(SetPin))((await person(desk, telegram_id)).actor("chat", "en"), PIN)


async def ways(desk: Desk) -> list[str]:
    return [one.way for one in await desk.rows(Confirmation)]


async def begins(walk: Walk) -> str:
    """Choose the app. Returns the new key."""
    await walk.says("/pin")
    assert "Scan the picture above" in await walk.taps("Authenticator app")
    return key_in(pictures(walk.desk)[-1])


async def test_an_app_is_shown_as_a_picture_and_counts_once_its_first_code_came(desk: Desk, walk: Walk) -> None:
    key = await begins(walk)
    (picture,) = pictures(desk)
    assert picture.photo is not None
    assert picture.photo.data == drawn(address(key, "Mercado Azul", "Ana"))
    assert picture.id < walk.message.id, "the question stands below the picture"
    assert "not the code of this key" in await walk.says("000000")
    assert await ways(desk) == []
    assert not picture.deleted
    assert "Your authenticator app is set" in await walk.says(code_of(key, desk.clock.now()))
    assert await ways(desk) == [Way.APP]
    assert picture.deleted
    assert all(one.deleted for one in desk.telegram.messages(ANA) if one.text.isdecimal())


async def test_the_key_stands_in_no_table_in_clear(desk: Desk, walk: Walk) -> None:
    key = await begins(walk)
    assert key not in await everything(desk)
    await walk.says(code_of(key, desk.clock.now()))
    assert key not in await everything(desk)


async def everything(desk: Desk) -> str:
    async with desk.database.reading() as session:
        return repr([list(await session.execute(table.select())) for table in METADATA.sorted_tables])


@pytest.mark.parametrize("way", ["Back", "Home", "/menu", "/cancel", "/status", "/pin"])
async def test_a_set_up_that_is_left_takes_its_picture_along_and_its_key_never_counts(
    desk: Desk, walk: Walk, way: str
) -> None:
    key = await begins(walk)
    await (walk.says(way) if way.startswith("/") else walk.taps(way))
    assert pictures(desk)[0].deleted
    await walk.says("/pin")
    await walk.says(code_of(key, desk.clock.now()))
    assert await ways(desk) == []


async def test_a_second_picture_takes_the_place_of_the_first_one(desk: Desk, walk: Walk) -> None:
    first = await begins(walk)
    await walk.taps("Back")
    await walk.taps("Authenticator app")
    before, after = pictures(desk)
    assert (before.deleted, after.deleted) == (True, False)
    assert key_in(after) != first
    assert "not the code of this key" in await walk.says(code_of(first, desk.clock.now()))


async def test_a_picture_that_cannot_be_sent_leaves_the_choice_open(desk: Desk, walk: Walk) -> None:
    await walk.says("/pin")
    desk.telegram.faults.server_error(502, method="sendPhoto")
    assert "could not be sent" in await walk.taps("Authenticator app")
    assert any("Authenticator app" in label for label in walk.labels)
    assert pictures(desk) == []


async def test_a_set_up_goes_on_after_a_restart(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        key = await begins(walk)
    async with desk.chat():
        assert "Your authenticator app is set" in await walk.says(code_of(key, desk.clock.now()))
    assert pictures(desk)[0].deleted


async def test_a_code_that_was_used_stays_used_after_a_restart(desk: Desk) -> None:
    await desk.set_person(ANA, role="owner")
    await desk.set_person(RUI, role="owner")
    key, walk = await give_app(desk, ANA), Walk(desk, desk.ana)
    code = code_of(key, desk.clock.now())
    async with desk.chat():
        await walk.says("/users")
        assert "six digits" in await walk.taps("Rui", "Block")
        assert "is blocked" in await walk.says(code)
    async with desk.chat():
        await walk.says("/users")
        await walk.taps("Rui", "Unblock")
        assert "used already" in await walk.says(code)
        assert (await person(desk, RUI)).blocked
        desk.clock.move(STEP)
        assert "may use the bot again" in await walk.says(code_of(key, desk.clock.now()))


async def test_wrong_codes_are_counted_and_told(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="owner")
    key = await give_app(desk, ANA)
    await walk.says("/users")
    await walk.taps("Rui", "Block")
    assert "4 tries are left" in await walk.says("12345")
    for _ in range(3):
        await walk.says(code_of(key, desk.clock.now(), 9))
    assert "Try again in" in await walk.says(code_of(key, desk.clock.now(), 9))
    assert "Too many wrong codes" in await walk.says(code_of(key, desk.clock.now()))
    assert not (await person(desk, RUI)).blocked
    assert [one.action for one in await desk.rows(AuditEntry)] == ["app_set", "app_paused"]


async def test_changing_the_pin_to_an_app_asks_for_the_pin_before_it_counts(desk: Desk, walk: Walk) -> None:
    await give_pin(desk, ANA)
    assert "Now you confirm with your PIN" in await walk.says("/pin")
    key = await begins(walk)
    assert "This needs your PIN" in await walk.says(code_of(key, desk.clock.now()))
    assert pictures(desk)[0].deleted
    assert "4 tries are left" in await walk.says("000000")
    assert await ways(desk) == [Way.PIN]
    assert "Your authenticator app is set" in await walk.says(PIN)
    assert await ways(desk) == [Way.APP]


async def test_changing_the_app_to_a_pin_asks_for_a_code_before_it_counts(desk: Desk, walk: Walk) -> None:
    key = await give_app(desk, ANA)
    assert "Now you confirm with your authenticator app" in await walk.says("/pin")
    await walk.taps("PIN")
    await walk.says(PIN)
    assert "Type the six digits" in await walk.says(PIN)
    assert "Back" in " ".join(walk.labels)
    await walk.taps("Back")
    assert await ways(desk) == [Way.APP]
    await walk.taps("PIN")
    await walk.says(PIN)
    await walk.says(PIN)
    assert "Your PIN is set" in await walk.says(code_of(key, desk.clock.now()))
    assert await ways(desk) == [Way.PIN]


async def test_in_a_group_no_key_is_shown_even_to_a_forged_tap(desk: Desk, walk: Walk) -> None:
    group = Walk(desk, desk.ana, desk.group)
    assert "Others read along here" in await group.says("/pin")
    assert not any("app" in label for label in group.labels)
    intent = group.data("Home").partition("\x1d")[0]
    await group.forges(f"{intent}\x1dapp")
    assert pictures(desk, GROUP) == []


async def test_somebody_else_gets_no_key_by_the_buttons_of_ana(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="admin")
    await walk.says("/pin")
    data, rui = walk.data("Authenticator app"), Walk(desk, desk.rui)
    await rui.says("/menu")
    await rui.forges(data)
    assert pictures(desk) == pictures(desk, RUI) == []


async def test_a_manager_is_offered_no_app(desk: Desk, walk: Walk) -> None:
    rui = Walk(desk, desk.rui)
    assert "may not" in await rui.says("/pin")
    assert not any("app" in label for label in rui.labels)


async def test_an_owner_voids_a_lost_app_and_the_next_way_is_chosen_anew(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="admin", private_chat=True)
    await give_pin(desk, ANA)
    lost = await give_app(desk, RUI)
    await walk.says("/users")
    await walk.taps("Rui", "Void PIN")
    assert "is void" in await walk.says(PIN)
    await desk.telegram.wait_for(RUI, "authenticator app")
    assert await ways(desk) == [Way.PIN]
    assert [one.action for one in await desk.rows(AuditEntry)][-1] == "app_reset"
    rui = Walk(desk, desk.rui)
    assert "Choose what you want to confirm with" in await rui.says("/pin")
    await rui.says(code_of(lost, desk.clock.now()))
    await settled(desk)
    assert await ways(desk) == [Way.PIN]


async def test_the_whole_way_is_spoken_in_portuguese(desk: Desk, walk: Walk) -> None:
    await desk.set_person(ANA, locale="pt_BR")
    await walk.says("/pin")
    assert "Leia a imagem acima" in await walk.taps("Aplicativo autenticador")
    key = key_in(pictures(desk)[0])
    assert "Não a mostre a ninguém" in pictures(desk)[0].text
    assert "aplicativo autenticador foi definido" in await walk.says(code_of(key, desk.clock.now()))
