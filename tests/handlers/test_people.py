"""People in the chat: when they were here last, kept out and let in again, and the PIN where it is asked for."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from core.access import Actor
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.entities.saving import SaveEntity
from core.history.model import AuditEntry, Version
from core.people.choosing import SetPin
from core.people.model import Confirmation, Person
from tests.handlers.kit import ANA, RUI, VERA, Desk
from tests.handlers.menu_kit import Walk, settled

PIN = "829107"
WRONG = "000000"
RP = {"base_url": "http://127.0.0.1:1", "username": "100001", "password": "hush-hush-1234"}


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    """Ana, an owner with a PIN."""
    await desk.set_person(ANA, role="owner", last_seen_at=desk.clock.now())
    await set_pin(desk, ANA)
    async with desk.chat():
        yield Walk(desk, desk.ana)


async def person(desk: Desk, telegram_id: int) -> Person:
    (found,) = [one for one in await desk.rows(Person) if one.telegram_id == telegram_id]
    assert isinstance(found, Person)
    return found


async def set_pin(desk: Desk, telegram_id: int) -> None:
    somebody = (await person(desk, telegram_id)).actor("chat", "en")
    await (await desk.container.get(SetPin))(somebody, PIN)


async def save(desk: Desk, section: Section, entity_id: int | None, fields: dict[str, Any]) -> Any:
    owner = Actor.system(desk.organisation_id, "cli")
    return await (await desk.container.get(SaveEntity))(owner, section, entity_id, fields)


async def test_everybodys_last_activity_is_told_as_time_gone_by_in_the_readers_language(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, last_seen_at=desk.clock.now() - timedelta(hours=2))
    await walk.says("/users")
    assert walk.labels[:3] == ["✅ Ana · owner · just now", "✅ Rui · manager · 2 hours ago", walk.labels[2]]
    assert walk.labels[2] == "✅ Vera · viewer · not seen yet"
    assert "Last activity: 2 hours ago" in await walk.taps("Rui")
    await desk.set_person(ANA, locale="pt_BR")
    await walk.says("/users")
    assert walk.labels[1] == "✅ Rui · gerente · há 2 horas"


async def test_who_is_blocked_gets_no_answer_until_unblocked_and_an_open_menu_is_dead_at_once(
    desk: Desk, walk: Walk
) -> None:
    vera = Walk(desk, desk.vera)
    await vera.says("/menu")
    await walk.says("/users")
    assert "is blocked" in await walk.taps("Vera", "Block")
    assert "Blocked: no answer" in walk.text
    before = desk.texts(VERA)
    assert "somebody else" in await vera.forges(vera.data("Stores"))
    for words in ("/menu", "hello", "/start"):
        await desk.vera.says(words)
    await settled(desk)
    assert desk.texts(VERA) == before
    assert "may use the bot again" in await walk.taps("Unblock")
    assert "Home" in await vera.says("/menu")
    actions = [one.action for one in await desk.rows(AuditEntry) if one.entity == "person"]
    assert actions[-2:] == ["changed", "changed"]


async def test_nobody_is_offered_to_block_themselves(walk: Walk) -> None:
    await walk.says("/users")
    await walk.taps("Ana")
    assert not any("Block" in label for label in walk.labels)


async def test_an_owner_is_deleted_and_brought_back_with_the_pin_typed_right_there(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="owner")
    await walk.says("/users")
    assert "This needs your PIN" in await walk.taps("Rui", "More", "Delete", "Yes, delete")
    assert "4 tries are left" in await walk.says(WRONG)
    assert (await person(desk, RUI)).active
    assert "is deleted" in await walk.says(PIN)
    assert not (await person(desk, RUI)).active
    assert "This needs your PIN" in await walk.taps("♻️ Rui")
    assert "Tap one to bring it back" in await walk.taps("Back")
    await walk.taps("♻️ Rui")
    assert "is back" in await walk.says(PIN)
    assert (await person(desk, RUI)).active
    assert all(one.deleted for one in desk.telegram.messages(ANA) if one.text in (PIN, WRONG))


async def test_blocking_an_owner_and_taking_that_back_needs_the_pin_each_time(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="owner")
    await walk.says("/users")
    await walk.taps("Rui", "Block")
    await walk.says(PIN)
    assert (await person(desk, RUI)).blocked
    assert "This needs your PIN" in await walk.taps("Undo")
    assert "as it was before" in await walk.says(PIN)
    assert not (await person(desk, RUI)).blocked


async def test_taking_back_that_somebody_became_an_owner_asks_for_the_pin_too(desk: Desk, walk: Walk) -> None:
    await walk.says("/users")
    await walk.taps("Rui", "Change", "Role", "owner", "Save")
    assert "is saved" in await walk.says(PIN)
    assert "This needs your PIN" in await walk.taps("Undo")
    assert "is saved" in await walk.taps("Back")
    await walk.taps("Undo")
    assert "as it was before" in await walk.says(PIN)
    assert (await person(desk, RUI)).role == "manager"


async def test_without_a_pin_one_is_set_on_the_spot_and_the_way_leads_back(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="owner")
    rui = Walk(desk, desk.rui)
    await rui.says("/users")
    assert "you have neither yet" in await rui.taps("Ana", "Block")
    await rui.taps("PIN")
    await rui.says("730184")
    assert "Your PIN is set" in await rui.says("730184")
    assert not (await person(desk, ANA)).blocked
    await rui.taps("Block")
    assert "is blocked" in await rui.says("730184")


async def test_in_a_group_no_pin_is_asked_for(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="owner")
    group = Walk(desk, desk.ana, desk.group)
    await group.says("/users")
    assert "Do it in our private chat" in await group.taps("Rui", "Block")
    assert "Change your PIN" in await group.says(PIN, reply=True)
    assert not (await person(desk, RUI)).blocked


async def test_a_version_with_another_host_is_had_back_with_secret_and_pin(desk: Desk, walk: Walk) -> None:
    made = await save(desk, Section.INTEGRATIONS, None, {"name": "ERP", "module": "rp", "settings": RP})
    moved = {"base_url": "http://127.0.0.1:2", "password": "for-the-new-host"}
    await save(desk, Section.INTEGRATIONS, made.id, {"settings": moved})
    await walk.says("/integrations")
    assert "Mend it here" in await walk.taps("ERP", "Versions", "Version 1", "Go back to it")
    assert "Password: the address has another host" in walk.text
    assert "· Password" in walk.text
    await walk.says("for-the-old-host")
    await walk.taps("Keep it off")
    assert "is saved" in await walk.says(PIN)
    (row,) = await desk.rows(Integration)
    assert row.settings["base_url"] == RP["base_url"]
    versions = [one.comment for one in await desk.rows(Version) if one.entity == "integration"]
    assert versions == ["", "", "back to version 1"]


async def test_an_owner_voids_the_forgotten_pin_of_an_admin_who_is_told(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="admin", private_chat=True)
    await set_pin(desk, RUI)
    await walk.says("/users")
    await walk.taps("Rui", "Void PIN")
    assert len(await desk.rows(Confirmation)) == 2
    assert "is void" in await walk.says(PIN)
    await desk.telegram.wait_for(RUI, "voided your PIN")
    assert [one.person_id for one in await desk.rows(Confirmation)] == [(await person(desk, ANA)).id]
    assert "Rui has neither a PIN" in await walk.taps("Void PIN")
    assert [one for one in await desk.rows(AuditEntry) if one.action == "pin_reset"]
    rui = Walk(desk, desk.rui)
    assert "Choose what you want to confirm with" in await rui.says("/pin")


async def test_who_chose_no_language_is_told_unasked_things_in_that_of_their_telegram(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="admin", locale=None)
    await set_pin(desk, RUI)
    desk.rui.user.language = "es"
    await Walk(desk, desk.rui).says("/status")
    await walk.says("/users")
    await walk.taps("Rui", "Void PIN")
    await walk.says(PIN)
    await desk.telegram.wait_for(RUI, "anuló su PIN")
    assert (await person(desk, RUI)).client_locale == "es"


async def test_an_admin_is_not_offered_to_void_a_pin(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, role="admin")
    rui = Walk(desk, desk.rui)
    await rui.says("/users")
    await rui.taps("Ana")
    assert not any("PIN" in label for label in rui.labels)


async def test_taking_back_another_host_asks_for_the_secret_and_for_the_pin(desk: Desk, walk: Walk) -> None:
    await save(desk, Section.INTEGRATIONS, None, {"name": "ERP", "module": "rp", "settings": RP})
    await walk.says("/integrations")
    await walk.taps("ERP", "Change", "Address")
    assert "· Password" in await walk.says("http://127.0.0.1:2")
    await walk.says("for-the-new-host")
    await walk.taps("Keep it off")
    await walk.says(PIN)
    assert "has another host" in await walk.taps("Undo")
    assert "· Password" in walk.text
    await walk.says("for-the-old-host")
    assert "http://127.0.0.1:2\n→ http://127.0.0.1:1" in walk.text
    await walk.taps("Keep it off")
    assert "is saved switched off, as version 3" in await walk.says(PIN)
    (row,) = await desk.rows(Integration)
    assert row.settings["base_url"] == RP["base_url"]
