"""Forms filled in by chat: what is asked, read, shown, tested, saved, taken back."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.chat.model import DialogState
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.entities.saving import SaveEntity
from core.stores.model import Store
from handlers.forms.states import Form
from tests.handlers.kit import ANA, BOX, GROUP, Desk
from tests.handlers.menu_kit import Walk, opener
from tests.kit.every_module import WRONG_TOKEN

TOKEN = "tok-<b>-secret-4321"
EVERY = {"Web address": "192.168.0.10:9000", "E-mail": "ana@example.com", "Count": "1,234", "Lead": "1h30"}


async def answer(walk: Walk, *words: str) -> str:
    for one in words:
        await walk.says(one)
    return walk.text


async def stored(desk: Desk, kind: type[Any]) -> list[Any]:
    return await desk.rows(kind)


async def test_a_new_store_is_asked_for_question_by_question_and_saved(desk: Desk, walk: Walk) -> None:
    await walk.says("/open new_store")
    assert "New store · Name" in walk.text
    assert "CNPJ" in await walk.says("004 Leste")
    assert "save this?" in await walk.says("11.222.333/0004-24")
    assert "is saved, as version 1" in await walk.taps("Save")
    assert (await stored(desk, Store))[-1].name == "004 Leste"


async def test_who_takes_back_what_was_made_reads_that_it_is_deleted(desk: Desk, walk: Walk) -> None:
    await walk.says("/open new_store")
    await walk.says("004 Leste")
    await walk.says("11222333000424")
    await walk.taps("Save")
    await walk.taps("Undo")
    assert "“004 Leste” is deleted again" in walk.text
    assert all(one.name != "004 Leste" or one.deleted_at for one in await stored(desk, Store))


async def test_what_cannot_be_read_is_said_in_the_same_message_and_what_was_typed_before_is_kept(
    desk: Desk, walk: Walk
) -> None:
    await walk.says("/open new_store")
    await walk.says("004 Leste")
    assert "check digits are wrong" in await walk.says("11.222.333/0004-25")
    assert "New store" not in walk.text
    assert "004 Leste · CNPJ" in walk.text
    await walk.says("11222333000424")
    assert "004 Leste" in walk.text


async def test_a_change_shows_its_difference_is_saved_and_taken_back(desk: Desk, walk: Walk) -> None:
    await walk.says("/open store")
    await walk.taps("Opening time")
    assert "Opening time: 6:00 AM\n→ 7:30 AM" in (await walk.says("7h30")).replace("\u202f", " ")
    await walk.taps("Save")
    assert (await stored(desk, Store))[0].opening == "07:30"
    await walk.taps("Undo")
    assert "is as it was before" in walk.text
    assert (await stored(desk, Store))[0].opening == "06:00"


async def test_a_field_is_found_by_typing_its_name(walk: Walk) -> None:
    await walk.says("/open store")
    assert "Limit per customer" in await walk.says("limit")
    assert "Now: not set" in walk.text
    await walk.taps("Back")
    assert "No field here is called “colour”" in await walk.says("colour")
    assert "Several fields could be meant" in await walk.says("e")


async def test_an_example_is_shown_only_where_it_tells_more_than_what_stands_there(walk: Walk) -> None:
    await walk.says("/open store")
    await walk.taps("CNPJ")
    assert "Now: 11.222.333/0001-81" in walk.text
    assert "Example" not in walk.text
    assert "Example" not in await walk.taps("Back", "Name")
    assert "Example: 24h" in await walk.taps("Back", "Tags")
    opening = await walk.taps("Back", "Opening time")
    assert "such as 06:00" in opening
    assert "Example" not in opening


async def test_leaving_a_changed_form_asks_first(desk: Desk, walk: Walk) -> None:
    await walk.says("/open store")
    await walk.taps("Limit per customer")
    await walk.says("5")
    await walk.taps("Back")
    assert "You changed something" in await walk.taps("Back")
    assert "Discarded. Nothing was saved." in await walk.taps("Discard")
    assert (await stored(desk, Store))[0].limit is None


async def test_somebody_elses_change_meanwhile_is_shown_and_kept(desk: Desk, walk: Walk) -> None:
    await walk.says("/open store")
    await walk.taps("Limit per customer")
    await walk.says("5")
    save = await desk.container.get(SaveEntity)
    bia = Actor(desk.organisation_id, Role.ADMIN, "Bia", "chat")
    await save(bia, Section.STORES, desk.store_ids[0], {"opening": "08:00"})
    await walk.taps("Save")
    assert "Bia changed this on" in walk.text
    assert "Opening time: 6:00\u202fAM\n→ 8:00\u202fAM" in walk.text
    await walk.taps("Save")
    store = (await stored(desk, Store))[0]
    assert (store.limit, store.opening) == (5, "08:00")


async def every(walk: Walk, title: str = "Weekly", token: str = TOKEN) -> str:
    await walk.says("/open every")
    return await answer(walk, "Every", title, token)


async def test_a_secret_is_taken_away_and_appears_nowhere(
    desk: Desk, walk: Walk, capsys: pytest.CaptureFixture[str]
) -> None:
    await every(walk)
    typed = [one for one in desk.telegram.messages(ANA) if one.text == TOKEN]
    assert typed
    assert all(one.deleted for one in typed)
    assert walk.text.endswith("Token: a new value")
    await walk.taps("Save")
    assert "is saved" in walk.text
    shown = [one.text for one in desk.telegram.messages(ANA) if one.is_from_bot]
    assert "secret" not in repr(shown) + repr(capsys.readouterr())
    async with desk.database.reading() as session:
        kept = repr([(row.key, row.state, row.data) for row in await session.scalars(select(DialogState))])
    assert "secret" not in kept
    (row,) = await stored(desk, Integration)
    assert BOX.open(row.secrets["token"], "integrations.token") == TOKEN


async def test_a_secret_that_telegram_did_not_delete_at_once_is_deleted_after_the_wait(desk: Desk, walk: Walk) -> None:
    await walk.says("/pin")
    desk.telegram.faults.too_many_requests(1, method="deleteMessage")
    await walk.says("482913")

    (typed,) = [one for one in desk.telegram.messages(ANA) if one.text == "482913"]
    assert typed.deleted
    assert "could not take" not in walk.text


async def test_a_form_in_the_middle_survives_a_restart_sealed(desk: Desk) -> None:
    given = {"every": {"section": "integrations", "kind": "every"}}
    walk = Walk(desk, desk.ana)
    async with opener(desk, {"every": Form.page}, given):
        await walk.says("/open every")
        await answer(walk, "Every", "Weekly", TOKEN)
    async with desk.database.reading() as session:
        rows = [row.data for row in await session.scalars(select(DialogState)) if row.data]
    assert not any("Weekly" in row or "secret" in row for row in rows)
    assert any("Weekly" in json.dumps(json.loads(BOX.open(row, "dialog_states.data"))) for row in rows)
    async with desk.chat():
        assert "is saved" in await walk.taps("Save")


@pytest.mark.parametrize("admin", [True, False])
async def test_in_a_group_a_secret_is_never_asked_for_and_a_typed_one_is_taken_away_where_the_bot_may(
    desk: Desk, walk: Walk, *, admin: bool
) -> None:
    desk.telegram.add_bot(desk.group, walk.person, admin=admin)
    group = Walk(desk, desk.ana, desk.group)
    await group.says("/open every")
    await group.says("Every", reply=True)
    await group.says("Weekly", reply=True)
    assert "in our private chat only: https://t.me/" in group.text
    await group.says(TOKEN, reply=True)
    assert "others read along here" in group.text
    assert all(one.deleted is admin for one in desk.telegram.messages(GROUP) if one.text == TOKEN)
    assert ("Delete it yourself" in group.text) is not admin


async def test_a_failing_test_keeps_it_from_being_saved_switched_on(desk: Desk, walk: Walk) -> None:
    await every(walk, title="away")
    save = walk.data("Save")
    await walk.taps("Save")
    assert "Nobody answers there." in walk.text
    await walk.forges(save)
    assert not await stored(desk, Integration)
    assert not any(label == "💾 Save" for label in walk.labels)
    assert "is saved switched off" in await walk.taps("Keep it off")
    (row,) = await stored(desk, Integration)
    assert not row.enabled
    assert "Switched off" in await walk.taps("Open it")


@pytest.mark.parametrize(
    ("title", "token", "said"),
    [
        ("crash", TOKEN, "The module failed: ZeroDivisionError"),
        ("crash early", TOKEN, "The module failed: ZeroDivisionError"),
        ("Weekly", WRONG_TOKEN, "The login was refused."),
        ("Weekly", TOKEN, "Weekly answered in"),
    ],
)
async def test_a_test_says_what_it_came_to(walk: Walk, title: str, token: str, said: str) -> None:
    await every(walk, title, token)
    assert said in await walk.taps("Test")


async def test_an_address_that_nobody_answers_at_leads_to_it_and_back_to_the_test(walk: Walk) -> None:
    await walk.says("/open rp")
    for words in ("ERP", "127.0.0.1:1", "100001", "invented-pass"):
        await walk.says(words)
    assert "cannot be reached" in await walk.taps("Test")
    assert "ERP · Address" in await walk.taps("✏️ Address")
    await walk.says("127.0.0.1:2")
    assert "save this?" in walk.text
    assert not any("Change:" in label for label in walk.labels), "the test was of another address"


async def test_the_example_of_a_field_speaks_the_readers_language(desk: Desk, walk: Walk) -> None:
    await desk.set_person(ANA, locale="pt_BR")
    assert "Exemplo: Sincronização diária" in await walk.says("/open sync")


async def test_every_kind_of_field_is_filled_in_by_tapping_and_typing(desk: Desk, walk: Walk) -> None:
    await every(walk)
    for field, value in EVERY.items():
        await walk.taps("Back")
        await answer(walk, field, value)
    await walk.taps("Back")
    await walk.says("Colours")
    await walk.taps("Red", "Dark blue", "Done", "Back")
    await walk.says("Stores")
    await walk.taps("002 Norte", "Done", "Back")
    await walk.says("Delivery")
    await walk.taps("By e-mail", "Back", "Review")
    assert "Address: fill it in" in walk.text
    await walk.taps("Address")
    await walk.says("rui@example.com")
    await walk.taps("Back")
    await walk.says("Rules")
    await walk.taps("Add")
    await walk.says("first")
    await walk.taps("Back")
    await walk.says("Strict")
    assert "Address: rui@example.com" in walk.text
    await walk.taps("Save")
    assert "is saved" in walk.text
    (row,) = await stored(desk, Integration)
    assert row.settings == {
        "title": "Weekly",
        "address": "http://192.168.0.10:9000/",
        "email": "ana@example.com",
        "count": 1234,
        "lead": 90,
        "colours": ["red", "dark_blue"],
        "stores": ["002 Norte"],
        "delivery": {"way": "mail", "address": "rui@example.com"},
        "rules": [{"name": "first", "strict": True}],
    }
    await walk.taps("Back", "Integrations", "Every", "Change")
    await walk.says("Rules")
    await walk.taps("Add")
    await walk.says("second")
    assert "Rules 2: not set → Rule: second" in walk.text
    await walk.taps("Save")
    assert "Rules 2: not set → Rule: second" in walk.text


async def test_an_entry_of_a_list_of_several_kinds_is_asked_for_its_kind_first(desk: Desk, walk: Walk) -> None:
    await every(walk)
    await walk.taps("Back")
    await walk.says("Copies")
    assert "There is nothing here yet." in walk.text
    await walk.taps("🆕 Into a folder")
    assert "· Depth" in walk.text
    await walk.says("7")
    await walk.taps("Back")
    await walk.says("Copies")
    await walk.taps("🆕 Nowhere at all")
    assert "Now: Into a folder, Nowhere at all" in walk.text
    await walk.taps("🆕 By e-mail")
    await walk.says("rui@example.com")
    await walk.taps("Keep it off")
    (row,) = await stored(desk, Integration)
    assert row.settings["copies"] == [
        {"way": "folder", "depth": 7},
        {"way": "nowhere"},
        {"way": "mail", "address": "rui@example.com"},
    ]


async def test_an_entry_that_holds_nothing_is_taken_out_again_and_a_long_list_keeps_its_keyboard(
    desk: Desk, walk: Walk
) -> None:
    await every(walk)
    await walk.taps("Back")
    await walk.says("Copies")
    await walk.taps(*["🆕 Nowhere at all"] * 16, "Remove")
    assert len(walk.message.buttons) <= 8
    await walk.taps("▶", "✖ 16")
    assert "and 11 more" in walk.text
    for _ in range(15):
        await walk.taps("Remove", "✖ 1")
    assert "There is nothing here yet." in walk.text
    await walk.taps("Back", "Review", "Keep it off")
    (row,) = await stored(desk, Integration)
    assert row.settings["copies"] == []


async def test_a_manager_opens_no_form_even_with_the_buttons_of_an_admin(desk: Desk, walk: Walk) -> None:
    await walk.says("/open store")
    data = walk.data("Opening time")
    await desk.set_person(ANA, role="manager")
    await walk.forges(data)
    assert "may not do this" in walk.text
    assert "Opening time" not in walk.text


async def test_what_is_in_no_group_does_not_stand_below_the_heading_of_another(walk: Walk) -> None:
    await walk.says("/open crescevendas")
    await answer(walk, "Loyalty")
    while "save this?" not in walk.text:
        typed = "ana@example.com" if "E-mail" in walk.text else "tok-4321"
        await (walk.taps("Skip") if any("Skip" in one for one in walk.labels) else walk.says(typed))
    await walk.taps("Back", "Advanced", "Time-out")
    lines = (await walk.says("40")).splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith("Time-out"))
    above = [line for line in lines[:place] if line.startswith("— ")]
    assert "— Connection" in above
    assert above[-1] == "— Advanced", lines


async def test_no_form_says_that_something_was_saved_where_nothing_was(desk: Desk) -> None:
    given = {"section": "stores", "entity_id": desk.store_ids[0]}
    async with opener(desk, {"done": Form.done}, {"done": given}):
        await desk.ana.says("/open done")
        await desk.telegram.wait_for(ANA, "That form is closed already.")

    assert not any("is saved" in text for text in desk.texts(ANA))


async def test_a_schedule_among_settings_tells_what_it_was_before_and_is_left_to_no_hand(walk: Walk) -> None:
    await every(walk)
    await walk.taps("Save", "Back", "Integrations", "Every", "Change")
    await walk.says("Plan")
    assert "Before: every day at 6:00" in (await walk.taps("Sun")).replace("\u202f", " ")
    assert not any("By hand" in label for label in walk.labels)
