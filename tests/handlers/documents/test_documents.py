"""The configuration as a file, out of the chat and into it (X-13)."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from core.access import Actor
from core.channels.model import Channel
from core.configuration.exporting import ExportDocument
from core.connections.model import Integration
from core.jobs.model import Job
from core.people.choosing import SetPin
from core.people.model import Person
from core.stores.model import Store
from handlers.documents.states import Documents
from tests.handlers.kit import ANA, Desk, until
from tests.handlers.menu_kit import Walk, opener, settled

PIN = "829107"
CHANGE = b"version: 1\nstores:\n  - {name: 001 Centro, limit: 7}\n  - {name: 004 Leste, cnpj: 11222333000424}\n"
ERP = b"""version: 1
integrations:
  - {name: ERP, module: rp, settings: {base_url: "http://127.0.0.1:1", username: "1", password: hush-hush-1234}}
"""


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    async with opener(desk, {"import": Documents.take}, {"import": {}}):
        yield Walk(desk, desk.ana)


async def sends(walk: Walk, data: bytes, name: str = "chain.yaml") -> str:
    await walk.person.sends_file(name, data, chat=walk.chat)
    await settled(walk.desk)
    return walk.text


async def with_pin(desk: Desk) -> None:
    async with desk.database.reading() as session:
        ana = await session.scalar(select(Person).where(Person.telegram_id == ANA))
    assert ana is not None
    await (await desk.container.get(SetPin))(ana.actor("chat", "en"), PIN)


async def limit(desk: Desk) -> int | None:
    first: Store = (await desk.rows(Store))[0]
    return first.limit


async def test_the_export_sent_back_changes_nothing(desk: Desk, walk: Walk) -> None:
    async with desk.database.writing() as session:
        (await session.get_one(Job, desk.job_id)).deleted_at = desk.clock.now()
    await walk.says("/menu")
    await walk.taps("Settings", "Export")

    def sent() -> bytes | None:
        return next((one.document.data for one in desk.telegram.messages(walk.chat.id) if one.document), None)

    await until(lambda: _is(sent() is not None))
    data = sent()
    assert data is not None
    assert b"001 Centro" in data
    assert "everything is as the file says" in await sends(walk, data)
    assert "Apply" not in str(walk.labels)


async def _is(value: bool) -> bool:
    return value


async def test_a_file_shows_its_plan_and_is_applied_with_the_pin_only(desk: Desk, walk: Walk) -> None:
    await with_pin(desk)
    text = await sends(walk, CHANGE)
    assert "Limit per customer: not set\n    → 7 pieces" in text
    assert "create store “004 Leste”" in text
    assert "stay as they are" in text
    assert await limit(desk) is None
    assert "needs your PIN" in await walk.taps("Apply")
    assert "not your PIN" in await walk.says("111222")
    assert await limit(desk) is None
    assert "✅ Applied (created: 1, changed: 1)." in await walk.says(PIN)
    assert await limit(desk) == 7


async def test_without_a_pin_the_way_to_one_is_shown_and_nothing_is_saved(desk: Desk, walk: Walk) -> None:
    await sends(walk, CHANGE)
    assert "Set one here" in await walk.taps("Apply")
    assert await limit(desk) is None


async def test_what_is_left_out_is_removed_only_after_a_count(desk: Desk, walk: Walk) -> None:
    await with_pin(desk)
    await sends(walk, CHANGE)
    text = await walk.taps("Remove the rest too")
    assert "2 entries that the file leaves out would be removed" in text
    assert "003 Sul" in text
    await walk.taps("Apply and remove 2")
    await walk.says(PIN)
    assert [one.name for one in await desk.rows(Store) if one.deleted_at is None] == ["001 Centro", "004 Leste"]


async def test_another_plan_than_the_one_shown_is_not_carried_out(desk: Desk, walk: Walk) -> None:
    await with_pin(desk)
    await sends(walk, CHANGE)
    await walk.taps("Apply")
    async with desk.database.writing() as session:
        (await session.get_one(Store, desk.store_ids[0])).limit = 9
    text = await walk.says(PIN)
    assert "Look at the plan again" in text
    assert "Limit per customer: 9 pieces\n    → 7 pieces" in text
    assert await limit(desk) == 9


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version: 2\n", "Line 1: version"),
        ("version: 1\nstores: [{name: São}]".encode("cp1252"), "Save it as UTF-8"),
        ("version: 1\n".encode("utf-16"), "Save it as UTF-8"),
        (b"%PDF-1.7 \x01", "Save it as UTF-8"),
        (b"version: 1\nstores: [\n", "This is not YAML"),
        (b'version: 1\nstores:\n  - {name: "<b>\\u202e&", cnpj: "11222333000424"}\n', "Line 3"),
        (b'version: 1\nstores:\n  - {name: 004 Leste, cnpj: "11222333000425"}\n', "Line 3: cnpj"),
    ],
)
async def test_a_wrong_file_is_told_line_by_line_and_saves_nothing(
    desk: Desk, walk: Walk, data: bytes, words: str
) -> None:
    text = await sends(walk, data)
    assert words in text
    assert "Apply" not in str(walk.labels)
    assert len(await desk.rows(Store)) == 3


async def test_a_large_file_is_refused_with_its_reason(walk: Walk) -> None:
    await walk.says("/import")
    assert "larger than 1 MB" in await sends(walk, b"#" * (1024 * 1024 + 1), "notes.txt")


async def test_a_file_with_secrets_leaves_the_chat_and_shows_none_of_them(desk: Desk, walk: Walk) -> None:
    await with_pin(desk)
    text = await sends(walk, ERP)
    (sent,) = (one for one in desk.telegram.messages(walk.chat.id) if one.document)
    assert sent.deleted
    assert "hush" not in text
    await walk.taps("Apply")
    await walk.says(PIN)
    text = await sends(walk, ERP.replace(b"password: hush-hush-1234", b"password: other-pass-99"))
    assert "Password: ••••\n    → a new value" in text
    moved = ERP.replace(b':1"', b':2"').replace(b", password: hush-hush-1234", b"")
    assert "password" in await sends(walk, moved)
    assert "Apply" not in str(walk.labels)
    assert (await desk.rows(Integration))[0].settings["base_url"].endswith(":1")


async def test_a_manager_and_a_group_get_neither_export_nor_import(desk: Desk, walk: Walk) -> None:
    rui = Walk(desk, desk.rui)
    assert "may not" in await rui.says("/import")
    await desk.rui.sends_file("chain.yaml", CHANGE)
    await settled(desk)
    group = Walk(desk, desk.ana, desk.group)
    assert "our private chat" in await group.says("/import")
    await group.says("/export")
    assert not any(one.document and one.is_from_bot for one in desk.telegram.messages(desk.group.id))
    export = await desk.container.get(ExportDocument)
    assert "limit: 7" not in await export(Actor.system(desk.organisation_id, "cli"))


async def test_a_spreadsheet_sent_without_a_word_is_taken_for_stores(desk: Desk, walk: Walk) -> None:
    await walk.says("/menu")
    text = await sends(walk, b"nome;cnpj\n004 Leste;11.222.333/0004-24\n", "lojas.csv")
    assert "New: 1" in text
    await walk.taps("Apply")
    assert len(await desk.rows(Store)) == 4


async def test_a_file_without_a_secret_is_taken_and_the_secret_asked_for_by_a_button(desk: Desk, walk: Walk) -> None:
    await with_pin(desk)
    bare = ERP.replace(b"module: rp", b"module: every").replace(
        b'{base_url: "http://127.0.0.1:1", username: "1", password: hush-hush-1234}', b"{title: Weekly}"
    )
    assert "switched off until you give it what the file leaves out: Token" in await sends(walk, bare)
    await walk.taps("Apply")
    await walk.says(PIN)
    card = await desk.telegram.wait_for(ANA, "1 integration is switched off")
    await until(lambda: _is(any(button.text == "🔑 Renew: ERP" for row in card.buttons for button in row)))
    assert "ERP needs credentials. Its secret was not in the file" in await walk.says("/menu")
    await (await desk.ana.taps(card, "🔑 Renew: ERP"))
    await settled(desk)
    assert "· Token" in walk.text
    await walk.says("a-good-token-7777")
    await walk.taps("Save")
    (row,) = await desk.rows(Integration)
    assert (row.enabled, row.needs_credentials_at) == (True, None)


async def test_a_channel_without_its_secret_gets_a_button_too_and_works_once_it_is_given(
    desk: Desk, walk: Walk
) -> None:
    await with_pin(desk)
    hook = b'version: 1\nchannels:\n  - {name: Hook, module: webhook, settings: {base_url: "http://127.0.0.1:1"}}'
    await sends(walk, hook)
    await walk.taps("Apply")
    await walk.says(PIN)
    card = await desk.telegram.wait_for(ANA, "1 channel is switched off")
    await until(lambda: _is(any(button.text == "🔑 Renew: Hook" for row in card.buttons for button in row)))
    await (await desk.ana.taps(card, "🔑 Renew: Hook"))
    await settled(desk)
    assert "Hook · " in walk.text
    await walk.says("hush-hush-hush-1")
    await walk.taps("Save")
    (row,) = [one for one in await desk.rows(Channel) if one.name == "Hook"]
    assert (row.enabled, row.disabled_reason) == (True, None)


NARROW_SPACE = "\u202f"
LEFT_OUT = "3 entries that the file leaves out stay as they are."
EVERY_FIELD = b"""version: 1
organisation: {locale: pt_BR}
stores:
  - {name: 001 Centro, opening: "07:00", cut_over: false}
channels:
  - {name: Ops, quiet_hours: "22:00-06:00"}
jobs:
  - {name: Daily sync, schedule: "10 5 * * 1-5", stores: [002 Norte], notify: [{channel: Ops, on: [success]}],
     settings: {source: ERP, target: Loyalty, guard_rails: {below_till: false}}}
users:
  - {telegram_id: 1002, stores: [001 Centro]}
integrations:
  - {name: Loyalty, module: crescevendas, settings: {base_url: "http://127.0.0.1:1", email: a@example.test}}
  - {name: ERP, module: rp, settings: {base_url: "http://127.0.0.1:1", username: "1", password: hush-hush-1234}}
"""


async def test_the_plan_speaks_the_words_of_the_forms_and_the_language_of_the_reader(desk: Desk, walk: Walk) -> None:
    shown = (await sends(walk, EVERY_FIELD)).replace(NARROW_SPACE, " ").replace("\n    → ", " → ")
    told = shown.split("~ change ")[1:]
    assert [one.splitlines()[1:3] for one in told] == [
        ["    Language: English → Português (Brasil)"],
        ["    Opening time: 6:00 AM → 7:00 AM", "    Chimera sends: on → off"],
        ["    Quiet hours: as the organisation → 10:00 PM to 6:00 AM"],
        ["    Schedule: only by hand → Monday to Friday at 5:10 AM", "    Stores: all stores → 1 store: 002 Norte"],
        ["    Stores: all stores → 1 store: 001 Centro", LEFT_OUT],
    ]
    assert "    Below till price: on → off\n    Who is told: not set → Ops (Success)" in told[3]
    await desk.set_person(ANA, locale="pt_BR")
    assert "    Lojas: todas as lojas\n    → 1 loja: 002 Norte" in await sends(walk, EVERY_FIELD)
