"""The outbox as its sender sees it, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.channels.model import Channel
from core.chat.model import Button
from core.chat.updates import Reply, Updates
from core.clock import ManualClock
from core.db.database import Database
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.outbox.closing import Chats
from core.outbox.content import Choice, Draft
from core.outbox.model import Message
from core.outbox.queue import OutboxQueue
from core.outbox.writing import Outbox
from core.people.model import Person
from core.texts import T

GROUP, MOVED = -5001, -1_000_000_005_001


@pytest.fixture
async def home(database: Database, clock: ManualClock) -> int:
    async with database.writing() as session:
        made = Organisation(name="Mercado Azul", timezone="America/Sao_Paulo", locale="pt_BR")
        session.add(made)
        await session.flush()
        channel = Channel(organisation_id=made.id, name="Ops", module="telegram", settings={"chat_id": GROUP})
        people = [
            Person(
                organisation_id=made.id,
                telegram_id=number,
                name=role,
                role=role,
                created_at=clock.now(),
                private_chat=reachable,
            )
            for number, role, reachable in ((1, "owner", True), (2, "admin", False), (3, "manager", True))
        ]
        session.add_all([channel, *people])
    return made.id


async def say(
    database: Database, clock: ManualClock, home: int, key: str, *, chat: int = GROUP, priority: int = 20
) -> bool:
    async with database.writing() as session:
        draft = Draft([T(key)], choices=[[Choice(T("Go"), "go", {"n": 1})]])
        return await Outbox(clock).say(session, home, ChatRef(chat, "en"), draft, key=key, priority=priority)


async def test_what_was_begun_goes_first_then_answers_then_in_order(
    database: Database, clock: ManualClock, home: int
) -> None:
    queue = OutboxQueue(database, clock)
    for key, priority in (("notice 1", 20), ("notice 2", 20), ("answer", 0)):
        assert await say(database, clock, home, key, priority=priority)
    async with database.reading() as session:
        second = await session.scalar(select(Message.id).where(Message.dedupe_key == "notice 2"))
    assert second is not None
    assert await queue.begin(second)
    seen = []
    while (head := await queue.head(GROUP)) is not None:
        seen.append(head.message.dedupe_key)
        await queue.sent(head.message.id, 1)

    assert seen == ["notice 2", "answer", "notice 1"]
    assert await queue.chats() == []


async def test_what_waited_long_comes_first_in_its_order_where_that_is_asked_for(
    database: Database, clock: ManualClock, home: int
) -> None:
    queue, patience = OutboxQueue(database, clock), timedelta(seconds=10)
    for key, priority in (("notice", 20), ("alarm", 10)):
        await say(database, clock, home, key, priority=priority)
    clock.move(timedelta(seconds=9))
    await say(database, clock, home, "answer", priority=0)

    async def first(*asked: timedelta) -> str | None:
        head = await queue.head(GROUP, *asked)
        return None if head is None else head.message.dedupe_key

    assert await first(patience) == "answer"
    clock.move(timedelta(seconds=1))
    assert await first(patience) == "notice"
    assert await first() == "answer"


async def test_one_cause_speaks_once_and_its_button_is_bound_to_its_message(
    database: Database, clock: ManualClock, home: int
) -> None:
    assert await say(database, clock, home, "cause")
    assert not await say(database, clock, home, "cause")
    async with database.reading() as session:
        (button,) = await session.scalars(select(Button))
        (message,) = await session.scalars(select(Message))

    assert (button.message_key, button.chat_id) == (f"outbox:{message.id}", GROUP)
    assert message.body["buttons"][0][0]["id"] == button.id


async def test_a_settled_message_is_not_begun_again(database: Database, clock: ManualClock, home: int) -> None:
    queue = OutboxQueue(database, clock)
    await say(database, clock, home, "dead")
    head = await queue.head(GROUP)
    assert head is not None
    await queue.dead(head.message.id, T("it is too long."))

    assert not await queue.begin(head.message.id)
    assert await queue.head(GROUP) is None


async def test_a_message_waits_for_its_time(database: Database, clock: ManualClock, home: int) -> None:
    await say(database, clock, home, "later")
    async with database.writing() as session:
        (message,) = await session.scalars(select(Message))
        message.not_before = clock.now() + timedelta(minutes=5)
    queue = OutboxQueue(database, clock)
    assert await queue.chats() == []
    clock.move(timedelta(minutes=5))

    assert await queue.chats() == [GROUP]


async def test_a_closed_chat_takes_its_messages_and_its_channel_and_only_reachable_admins_hear_of_it(
    database: Database, clock: ManualClock, home: int
) -> None:
    await say(database, clock, home, "lost")
    chats = Chats(database, Outbox(clock))
    for _ in range(2):
        await chats.close(GROUP, T("the chat does not exist any more."))
    async with database.reading() as session:
        rows = [(one.chat_id, one.state) for one in await session.scalars(select(Message).order_by(Message.id))]
        (channel,) = await session.scalars(select(Channel))

    assert rows == [(GROUP, "dead"), (1, "pending")]
    assert channel.disabled_reason == {"message": "the chat does not exist any more."}
    await chats.reopen(GROUP)
    async with database.reading() as session:
        (channel,) = await session.scalars(select(Channel))
    assert channel.disabled_reason is None


async def test_a_moved_chat_takes_messages_buttons_and_channel_along(
    database: Database, clock: ManualClock, home: int
) -> None:
    await say(database, clock, home, "waiting")
    for _ in range(2):
        await Chats(database, Outbox(clock)).move(GROUP, MOVED)
    async with database.reading() as session:
        (message,) = await session.scalars(select(Message))
        (button,) = await session.scalars(select(Button))
        (channel,) = await session.scalars(select(Channel))

    assert {message.chat_id, button.chat_id, channel.settings["chat_id"]} == {MOVED}


async def test_an_update_and_its_answers_are_noted_together_and_once(
    database: Database, clock: ManualClock, home: int
) -> None:
    updates = Updates(database, clock, Outbox(clock))
    replies = [Reply(home, ChatRef(GROUP, "en"), Draft([T("one")])), Reply(None, ChatRef(9, "en"), Draft([T("two")]))]
    for _ in range(2):
        await updates.finish(77, replies)
    async with database.reading() as session:
        keys = list(await session.scalars(select(Message.dedupe_key).order_by(Message.id)))

    assert await updates.known(77)
    assert keys == ["tg:77:0", "tg:77:1"]
