"""Two chains behind one bot, alike in every name: neither is told of the other, or moved by its people (X-4)."""

import re
from copy import copy
from datetime import timedelta

import pytest

from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.jobs.model import Job
from core.lookup.indexing import ProductIndex
from core.organisations.model import Organisation
from core.outbox.model import Card
from core.people.model import Invitation, Person
from core.stores.model import Store
from sandbox.telegram import Chat, Message
from sandbox.telegram import Person as User
from tests.handlers.kit import ANA, GROUP, Desk, until, until_sent
from tests.handlers.menu_kit import SEPARATOR, Walk, settled
from tests.handlers.test_joining import a_link
from tests.handlers.test_taps import held_run
from tests.kit.shelf import Shelf, candidate, line
from tests.test_borders import everything_of

OLGA, OTTO, GREEN_GROUP = 8001, 8002, -8001
AZUL = re.compile(r"\b(?:azul|rui|vera|15\.99|3:17|615)\b|-4001", re.IGNORECASE)
VERDE = re.compile(r"\b(?:verde|olga|otto|3\.33|4:44|828)\b|-8001", re.IGNORECASE)
"""What only the one chain, and only the other, may be told of."""
ASKED = (
    *("/status", "/stores", "/jobs", "/channels", "/integrations", "/users", "/history", "/run", "/health"),
    *("/logs", "/outbox", "/settings", "/product 1203", "/product cafe", "/why 1203 001", "1203", "/cancel", "/audit"),
)


async def stock(desk: Desk, name: str, price: str, limit: int, schedule: str, changed_by: int) -> None:
    """Put a product of the same code into a chain's first store; store and job get something of their own."""
    async with desk.database.reading() as session:
        store = await session.get_one(Store, desk.store_ids[0])
    shelf, now = Shelf(desk.database), desk.clock.now()
    await shelf.scan(store, now, candidate("1203", final=price, name=name, ean="7891000000017"))
    await shelf.verify(store, now, line("1203", final=price))
    members = [one for one in await desk.rows(Person) if one.organisation_id == desk.organisation_id]
    (person,) = (one for one in members if one.telegram_id == changed_by)
    save = await desk.container.get(SaveEntity)
    await save(person.actor("chat", "en"), Section.STORES, store.id, {"limit": limit})
    await desk.set_row(Job, desk.job_id, schedule=schedule)


@pytest.fixture
async def verde(desk: Desk) -> Desk:
    """The second chain: stores, job, channel and codes as in the first. Ana of the first one is a viewer of it."""
    made = copy(desk)
    async with desk.database.writing() as session:
        home = Organisation(name="Rede Verde", timezone="America/Sao_Paulo", locale="en")
        session.add(home)
        await session.flush()
        made.organisation_id = home.id
        stores = [Store(organisation_id=home.id, name=one.name, cnpj=one.cnpj) for one in await desk.rows(Store)]
        people = ((OLGA, "Olga", "owner"), (OTTO, "Otto", "viewer"), (ANA, "Ana", "viewer"))
        await made.settle_in(session, stores, GREEN_GROUP, people)
    await stock(desk, "CAFE AZUL", "15.99", 615, "17 3 * * *", ANA)
    await stock(made, "CAFE VERDE", "3.33", 828, "44 4 * * *", OLGA)
    await ProductIndex(desk.database).refresh()
    desk.clock.move(timedelta(hours=2))
    return made


@pytest.fixture
def olga(desk: Desk) -> User:
    """The owner of the second chain, who sits in the first one's group too."""
    made = desk.telegram.person(OLGA, "Olga")
    made.chat.started = True
    desk.group.members[OLGA] = made.user
    desk.telegram.group(GREEN_GROUP, "Ops", members=[made, desk.ana])
    return made


def told(desk: Desk, *chats: int) -> str:
    """Return all that the bot ever sent or edited in some chats, files too."""
    calls = [str(one.params) for one in desk.telegram.calls if int(one.params.get("chat_id", 0)) in chats]
    messages = [one for chat in chats for one in desk.telegram.messages(chat)]
    return "\n".join([*calls, *(one.document.data.decode() for one in messages if one.document)])


async def a_card(desk: Desk, chat_id: int, text: str) -> Message:
    """Wait for a card, and until the rows of all cards know their messages."""
    shown = await desk.telegram.wait_for(chat_id, text)

    async def noted() -> bool:
        return all(card.message_id for card in await desk.rows(Card))

    await until(noted)
    return shown


def verde_group(desk: Desk) -> Chat:
    return desk.telegram.chat(GREEN_GROUP)


def buttons(card: Message) -> list[str]:
    return [one.data for row in card.buttons for one in row if one.data]


async def test_no_list_look_up_search_or_export_tells_of_the_other_chain(desk: Desk, verde: Desk, olga: User) -> None:
    async with desk.chat():
        for person in (desk.ana, olga):
            walk = Walk(desk, person)
            for words in ASKED:
                await person.says(words)
                await settled(desk)
            assert "1 entry" in walk.text, "the audit holds more or less than the chain's own change"
            await walk.taps("👤 Who")
            await walk.says("/menu")
            await walk.taps("Settings", "Export")
            await desk.telegram.wait_for(person.id, lambda one: one.document is not None)
            await until_sent(desk)

    for chat, own, other in ((ANA, AZUL, VERDE), (OLGA, VERDE, AZUL)):
        heard = told(desk, chat)
        assert other.findall(heard) == []
        assert len(set(own.findall(heard))) >= 5, "it was not told of its own chain either"


async def test_inline_mode_offers_the_goods_of_the_own_chain_only(desk: Desk, verde: Desk, olga: User) -> None:
    async with desk.chat():
        for person, own, other in ((desk.ana, AZUL, VERDE), (olga, VERDE, AZUL)):
            for typed in ("1203", "7891000000017", "cafe"):
                (article,) = (await (await person.types_inline(typed, chat=desk.group))).results
                assert own.search(str(article))
                assert not other.search(str(article))


async def test_a_card_of_the_other_chain_is_deaf_wherever_its_buttons_are_tapped(
    desk: Desk, verde: Desk, olga: User
) -> None:
    """Olga owns her chain, and Ana belongs to both: rights of one are none in the other."""
    async with desk.chat():
        # When somebody was last here is noted now, and not while nothing is to change.
        for person, place in ((desk.ana, None), (desk.ana, verde_group(desk)), (olga, None)):
            await person.says("/help", chat=place)
        await settled(desk)
        await desk.start_run(GROUP)
        running = await a_card(desk, GROUP, "At work")
        await held_run(desk, ANA)
        partial = await a_card(desk, ANA, "Partial")
        await verde.start_run(GREEN_GROUP)
        own = await a_card(desk, GREEN_GROUP, "At work")
        await until_sent(desk)
        before = [await everything_of(desk.database, one.organisation_id) for one in (desk, verde)]
        for data in buttons(running):
            assert "somebody else" in ((await (await olga.taps(running, data=data))).text or "")
        for data in (*buttons(running), *buttons(partial)):
            for person in (olga, desk.ana):
                assert "out of date" in ((await (await person.taps(own, data=data))).text or "")
        for data in buttons(own):
            assert "out of date" in ((await (await desk.ana.taps(running, data=data))).text or "")
        assert "You may not do this" in ((await (await desk.ana.taps(own, "Cancel"))).text or "")
        await settled(desk)
        assert [await everything_of(desk.database, one.organisation_id) for one in (desk, verde)] == before
        assert "It stops" in ((await (await desk.ana.taps(running, "Cancel"))).text or "")

    assert not AZUL.search(told(desk, GREEN_GROUP, OLGA))


@pytest.mark.parametrize("section", ["stores", "jobs", "channels", "users"])
async def test_replayed_choices_and_links_to_a_form_open_nothing_of_the_other_chain(
    desk: Desk, verde: Desk, olga: User, section: str
) -> None:
    async with desk.chat():
        theirs, walk = Walk(desk, desk.ana), Walk(desk, olga)
        for one in (theirs, walk):
            await one.says(f"/{section}")
        before = await everything_of(desk.database, desk.organisation_id)
        replayed = [one.data for row in theirs.message.buttons for one in row if one.data]
        for data in replayed:
            assert "out of date" in await walk.forges(data)
            await walk.says(f"/{section}")
            intent = (walk.message.buttons[0][0].data or "").partition(SEPARATOR)[0]
            assert "out of date" not in await walk.forges(f"{intent}{SEPARATOR}{data.partition(SEPARATOR)[2]}")
            await walk.says(f"/{section}")
        for number in range(1, 4):
            await olga.says(f"/start form-{section}-{number}")
            await olga.says(f"/start renew-{number}-{desk.job_id}")
        await settled(desk)
        assert await everything_of(desk.database, desk.organisation_id) == before

    assert AZUL.findall(told(desk, OLGA)) == []


async def test_whoever_comes_in_by_a_link_of_another_chain_is_told_of_it_in_its_group_only(
    desk: Desk, verde: Desk, olga: User
) -> None:
    otto = desk.telegram.person(OTTO, "Otto")
    otto.chat.started = True
    desk.group.members[OTTO] = otto.user
    async with desk.chat():
        await otto.says("/product 1203", chat=desk.group)
        await settled(desk)
        assert desk.texts(GROUP) == []
        code = await a_link(Walk(desk, desk.ana))
        owner = Walk(desk, olga)
        await owner.says("/users")
        assert "No link is open" in await owner.taps("🔗 Invite")
        await otto.says(f"/start {code}")
        await desk.telegram.wait_for(ANA, "Otto came in by your link")
        await otto.says("/product 1203", chat=desk.group)
        assert "15.99" in (await desk.telegram.wait_for(GROUP, "Code 1203")).text
        await otto.says("/product 1203")
        assert "3.33" in (await desk.telegram.wait_for(OTTO, "Code 1203")).text

    roles = {one.organisation_id: one.role for one in await desk.rows(Person) if one.telegram_id == OTTO}
    assert roles == {verde.organisation_id: "viewer", desk.organisation_id: "manager"}
    (invitation,) = await desk.rows(Invitation)
    assert invitation.organisation_id == desk.organisation_id
    assert AZUL.findall(told(desk, OLGA)) == []
