"""The bot is added to a group: the admin who did it, and nobody else, may make it a channel (CH-14)."""

import pytest

from core.channels.model import Channel
from core.chat.model import Button
from core.history.model import AuditEntry, Version
from core.jobs.model import Job
from sandbox.telegram import Chat, Message, Person
from tests.handlers.kit import ANA, GROUP, RUI, VERA, Desk, until, until_sent
from tests.handlers.menu_kit import Walk, settled

NEW = -4777


def place(desk: Desk, title: str = "South stores", *, forum: bool = False) -> Chat:
    return desk.telegram.group(NEW, title, members=[desk.ana, desk.rui, desk.vera], bot="left", forum=forum)


async def added(desk: Desk, group: Chat, by: Person) -> None:
    desk.telegram.add_bot(group, by=by)
    await settled(desk)
    await until_sent(desk)


def offers(desk: Desk, chat_id: int) -> list[Message]:
    return [one for one in desk.telegram.messages(chat_id) if one.is_from_bot and "as a channel?" in one.text]


async def linked(desk: Desk) -> list[Channel]:
    return [row for row in await desk.rows(Channel) if row.settings.get("chat_id") == NEW]


async def answered(desk: Desk, person: Person, message: Message, label: str) -> str:
    answer = await (await person.taps(message, label))
    await settled(desk)
    return answer.text or ""


async def test_the_admin_who_added_the_bot_is_asked_in_private_and_one_tap_links_the_group(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        assert "South stores" in offer.text
        await answered(desk, desk.ana, offer, "Link")
        await until(lambda: "“South stores” is a channel now." in offer.text)

    (channel,) = await linked(desk)
    assert (channel.name, channel.module, channel.enabled) == ("South stores", "telegram", True)
    versions = [one for one in await desk.rows(Version) if one.entity == "channel" and one.entity_id == channel.id]
    assert len(versions) == 1
    assert any(one.entity == "channel" and one.entity_id == channel.id for one in await desk.rows(AuditEntry))
    assert offers(desk, NEW) == []


async def test_not_now_changes_nothing_and_the_question_turns_into_what_was_decided(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        assert "All right" in await answered(desk, desk.ana, offer, "Not now")
        await until(lambda: "“South stores” is not linked" in offer.text)

    assert "Ana decided: not now." in offer.text
    assert offer.buttons == []
    assert await linked(desk) == []


async def test_a_linked_group_takes_the_place_of_the_question_with_who_did_it_and_then_the_language(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        await answered(desk, desk.ana, offer, "Link")
        await until(lambda: "Linked by Ana." in offer.text)
        languages = ["English", "Português (Brasil)", "Español"]
        assert [one.text for row in offer.buttons for one in row] == ["🔔 Who is told", *languages]
        await answered(desk, desk.ana, offer, "Español")
        await until(lambda: "Language in “South stores”: Español" in offer.text)

    assert [one.text for row in offer.buttons for one in row] == ["🔔 Who is told"]
    assert len(offers(desk, ANA)) == 0


@pytest.mark.parametrize("before", [[], ["Español"]], ids=["at once", "after the language"])
async def test_a_linked_group_leads_to_what_the_only_job_tells_it(desk: Desk, before: list[str]) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        for label in ("Link", *before):
            assert "Choose in /jobs" not in await answered(desk, desk.ana, offer, label)
            await until_sent(desk)
        await until(lambda: "below what is told there" in offer.text)
        await answered(desk, desk.ana, offer, "Who is told")
        walk = Walk(desk, desk.ana)
        assert "Daily sync · Who is told" in walk.text
        assert "“South stores” is told of nothing." in walk.text
        assert "Every tap is saved at once." in walk.text


async def test_a_linked_group_leads_to_all_jobs_where_several_may_tell_it(desk: Desk) -> None:
    await desk.add_job("Second sync")
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        await answered(desk, desk.ana, offer, "Link")
        await until(lambda: "below what is told there" in offer.text)
        await answered(desk, desk.ana, offer, "Who is told")
        walk = Walk(desk, desk.ana)
        assert "South stores" in walk.text
        assert "“South stores” is told of nothing." in await walk.taps("🔔 Second sync")


async def test_the_way_to_who_is_told_by_a_job_that_was_deleted_meanwhile_leads_home(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        await answered(desk, desk.ana, offer, "Link")
        await until(lambda: "below what is told there" in offer.text)
        await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
        await answered(desk, desk.ana, offer, "Who is told")
        walk = Walk(desk, desk.ana)
        assert "“Daily sync” was deleted meanwhile." in walk.text
        assert "🏪 Stores" in walk.labels


@pytest.mark.parametrize("who", ["rui", "vera", "stranger"])
async def test_nobody_else_gets_anything_anywhere(desk: Desk, who: str) -> None:
    stranger = desk.telegram.person(666, "Stranger")
    person = stranger if who == "stranger" else getattr(desk, who)
    person.chat.started = True
    for number in (RUI, VERA):
        await desk.set_person(number, private_chat=True)
    async with desk.chat():
        await added(desk, place(desk), person)

    assert [offers(desk, chat) for chat in (ANA, RUI, VERA, 666, NEW)] == [[], [], [], [], []]
    assert desk.texts(NEW) == []


async def test_somebody_elses_tap_and_a_forged_one_link_nothing(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (button,) = [one for one in await desk.rows(Button) if one.action == "link_chat"]
        await desk.say("hello", GROUP, key="hello")
        message = await until(lambda: [one for one in desk.telegram.messages(GROUP) if one.is_from_bot])
        await (await desk.rui.taps(message[0], data=f"b:{button.id}"))
        await settled(desk)

    assert await linked(desk) == []


async def test_an_admin_who_is_none_any_more_links_nothing(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        await desk.set_person(ANA, role="manager")
        assert "may not" in await answered(desk, desk.ana, offers(desk, ANA)[0], "Link")

    assert await linked(desk) == []


async def test_a_second_tap_makes_no_second_channel(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk), desk.ana)
        (offer,) = offers(desk, ANA)
        taps = [await desk.ana.taps(offer, "Link") for _ in range(2)]
        said = sorted([(await tap).text or "" for tap in taps])
        await settled(desk)

    assert "already" in said[0] or "moment" in said[1], said
    assert len(await linked(desk)) == 1


async def test_a_group_that_is_a_channel_is_not_offered_again_nor_is_a_promotion_an_adding(desk: Desk) -> None:
    async with desk.chat():
        group = place(desk)
        await added(desk, group, desk.ana)
        desk.telegram.add_bot(group, by=desk.ana, admin=True)
        await settled(desk)
        assert len(offers(desk, ANA)) == 1
        await answered(desk, desk.ana, offers(desk, ANA)[0], "Link")
        desk.telegram.kick_bot(group, desk.ana)
        await added(desk, group, desk.ana)

    assert offers(desk, ANA) == []
    (channel,) = await linked(desk)
    assert channel.disabled_reason is None, "Let in again, the channel works again"


async def test_a_group_with_topics_is_told_how_to_use_one_of_them(desk: Desk) -> None:
    async with desk.chat():
        await added(desk, place(desk, forum=True), desk.ana)

    assert "topics" in offers(desk, ANA)[0].text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ops", "Ops 2"),
        ("<b>&amp; 'x'</b>", "<b>&amp; 'x'</b>"),
        ("🛒" * 128, "🛒" * 100),
        ("x\u202ereversed", None),
        ("line\nbreak", None),
    ],
)
async def test_any_title_becomes_a_name_of_its_own(desk: Desk, title: str, name: str | None) -> None:
    async with desk.chat():
        await added(desk, place(desk, title), desk.ana)
        await answered(desk, desk.ana, offers(desk, ANA)[0], "Link")

    (channel,) = await linked(desk)
    assert name is None or channel.name == name
    assert not set(channel.name) & set("\n\u202e\0")


async def test_link_in_a_topic_makes_that_topic_a_channel_once(desk: Desk) -> None:
    async with desk.chat():
        group = place(desk, forum=True)
        desk.telegram.add_bot(group, by=desk.vera)
        topic = desk.telegram.topic(group, "Discounts")
        for person in (desk.rui, desk.ana, desk.ana):
            await person.says("/link", chat=group, thread_id=topic)
            await settled(desk)
        await until_sent(desk)

    (channel,) = await linked(desk)
    assert channel.settings == {"chat_id": NEW, "thread_id": topic}
    said = [one.text for one in desk.telegram.messages(NEW) if one.is_from_bot]
    assert "may not" in said[0]
    assert "is a channel now" in said[1]
    assert "is a channel already" in said[2]


async def test_who_may_link_nothing_is_not_told_how(desk: Desk) -> None:
    async with desk.chat():
        for person in (desk.vera, desk.ana):
            await person.says("/link")
            await settled(desk)
        await until_sent(desk)
        assert "may not" in desk.telegram.messages(desk.vera.id)[-1].text
        assert "Send /link in the group" in desk.telegram.messages(desk.ana.id)[-1].text


async def test_a_linked_group_is_asked_for_its_language_and_spoken_to_in_it_from_then_on(desk: Desk) -> None:
    async with desk.chat():
        group = place(desk)
        desk.telegram.add_bot(group, by=desk.vera)
        await desk.ana.says("/link", chat=group)
        await settled(desk)
        await until_sent(desk)
        asked = desk.telegram.messages(NEW)[-1]
        assert "may not" in await answered(desk, desk.vera, asked, "Español")
        assert "“South stores”: Español" in await answered(desk, desk.ana, asked, "Español")
        await desk.rui.says("/sync nowhere", chat=group)
        await settled(desk)
        await until_sent(desk)

    assert (await linked(desk))[0].locale == "es"
    assert desk.texts(NEW)[-1].startswith("No hay ")


async def test_a_topic_speaks_its_own_language_and_the_rest_of_the_group_that_of_the_group(desk: Desk) -> None:
    async with desk.chat():
        group = place(desk, forum=True)
        desk.telegram.add_bot(group, by=desk.vera)
        topic = desk.telegram.topic(group, "Descontos")
        await desk.ana.says("/link", chat=group)
        await settled(desk)
        await desk.ana.says("/link", chat=group, thread_id=topic)
        await settled(desk)
        whole, part = await linked(desk)
        await desk.set_row(Channel, whole.id, locale="es")
        await desk.set_row(Channel, part.id, locale="pt_BR")
        for thread_id in (None, topic):
            await desk.rui.says("/sync nowhere", chat=group, thread_id=thread_id)
            await settled(desk)
        await until_sent(desk)

    spanish, portuguese = desk.texts(NEW)[-2:]
    assert spanish.startswith("No hay ")
    assert portuguese.startswith("Não há ")
