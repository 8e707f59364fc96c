"""Receiving: who we are, that we are alone, that every update counts once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update

from core.chat.answered import Answered
from core.chat.inbox import Inbox
from core.chat.model import HandledUpdate
from core.chat.updates import Updates
from core.errors import StartError
from core.executions.model import Execution
from core.executions.starting import Order, StartRun
from core.nursery import Nursery
from core.organisations.model import Organisation
from core.outbox.closing import Chats
from core.outbox.model import Message
from core.outbox.reach import Reach
from core.people.knowing import Identify
from core.people.model import Person
from handlers.delivery.pacing import Pacer
from handlers.delivery.postman import Postman
from handlers.middlewares.turns import NO_ANSWER_DUE
from handlers.polling import Poller
from handlers.receiving import ALLOWED_UPDATES
from handlers.service import ChatService
from handlers.session import Session
from handlers.setup import build_dispatcher
from sandbox.telegram.webhook import Webhook
from tests.handlers.kit import ANA, GROUP, HURRY, TOKEN, Desk, until, until_sent


async def make(desk: Desk, token: str = TOKEN) -> ChatService:
    return await ChatService.create(token, desk.telegram.url, desk.container, tempo=HURRY)


async def test_a_refused_token_ends_the_chat_with_one_clear_sentence(desk: Desk) -> None:
    chat = await make(desk, "42:" + "x" * 35)
    with pytest.raises(StartError, match="refused the bot token"):
        await chat.run()
    await chat.stop()
    desk.telegram.violations.clear()


async def test_what_cannot_be_a_token_is_refused_before_any_call(desk: Desk) -> None:
    with pytest.raises(StartError, match="no bot token"):
        await make(desk, "not a token")
    assert desk.telegram.calls == []


async def test_no_network_is_not_a_bad_token(desk: Desk) -> None:
    await desk.telegram.go_down()
    async with desk.chat() as chat:
        await asyncio.sleep(0.3)
        assert not chat.online
        await desk.telegram.come_up()
        await until(lambda: chat.online)


async def test_a_second_bot_with_the_same_token_leaves_and_the_first_goes_on(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        await asyncio.sleep(2.2)
        newcomer = await make(desk)
        with pytest.raises(StartError, match="Another bot runs with this token"):
            await asyncio.wait_for(newcomer.run(), 60)
        await newcomer.stop()
        await desk.ana.says("/status")
        await desk.telegram.wait_for(ANA, "How things stand")

    assert {one.kind for one in desk.telegram.violations} == {"conflict"}
    desk.telegram.violations.clear()


async def test_a_webhook_left_behind_is_taken_down_and_nothing_is_dropped(desk: Desk) -> None:
    desk.telegram.world.deliverer.webhook = Webhook("http://127.0.0.1:9/hook")
    await desk.ana.says("/help")
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "what I can do")
    assert desk.telegram.world.deliverer.webhook.url == ""


async def test_only_the_kinds_of_updates_that_are_handled_are_asked_for(desk: Desk) -> None:
    async with desk.chat():
        await until(lambda: desk.telegram.world.updates.allowed)

    assert desk.telegram.world.updates.allowed == frozenset(ALLOWED_UPDATES)


async def test_a_stop_cuts_the_long_call_off_and_loses_no_answer(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/help")
        await until(lambda: desk.telegram.world.updates.pending == 0)
    polls = [call.status for call in desk.telegram.calls if call.method == "getUpdates"]
    assert {0, 409} & set(polls), "one was under way still when the last was made"
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "what I can do")

    assert sum("what I can do" in text for text in desk.texts(ANA)) == 1


async def test_an_update_delivered_twice_is_handled_once(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync")
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        await until_sent(desk)
    repeated = [call for call in await received(desk) if call.message is not None]
    async with bot(desk) as made:
        dispatcher = await dispatcher_of(desk, made)
        for update in repeated:
            await dispatcher.feed_update(made, update)

    assert len(repeated) == 2
    assert len(await desk.rows(Execution)) == 1
    assert len(await desk.rows(Message)) == 1


async def test_an_old_command_that_comes_again_does_not_undo_a_newer_one(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/pause")
        await desk.telegram.wait_for(ANA, "Sending is paused")
        await desk.ana.says("/resume")
        await desk.telegram.wait_for(ANA, "Sending goes on")
        await until_sent(desk)
    pause, _ = await received(desk)
    async with bot(desk) as made:
        await (await dispatcher_of(desk, made)).feed_update(made, pause)

    (home,) = await desk.rows(Organisation)
    assert home.paused_at is None


async def test_who_writes_as_a_channel_is_nobody_even_under_a_known_name(desk: Desk) -> None:
    said = await desk.ana.says("/pause", chat=desk.group)
    message = said.as_json() | {"sender_chat": {"id": -1009, "type": "channel", "title": "News"}}
    async with bot(desk) as made:
        update = Update.model_validate({"update_id": 1, "message": message})
        await (await dispatcher_of(desk, made)).feed_update(made, update)

    (home,) = await desk.rows(Organisation)
    assert home.paused_at is None


async def test_an_update_that_a_crash_left_half_handled_does_nothing_twice(desk: Desk) -> None:
    """The run was written, the answer and the note that all is done were not."""
    await desk.ana.says("/sync")
    (waiting,) = desk.telegram.world.updates._waiting
    member = await (await desk.container.get(Identify))(ANA, None)
    assert member is not None
    start_run = await desk.container.get(StartRun)
    await start_run(member.person.actor("chat", "en"), Order(f"tg:{waiting.id}"))

    async with desk.chat():
        await until(lambda: desk.rows(HandledUpdate))

    assert len(await desk.rows(Execution)) == 1


async def test_old_notes_of_updates_are_swept(desk: Desk) -> None:
    updates = await desk.container.get(Updates)
    await updates.finish(1, [])
    assert await updates.known(1)
    desk.clock.instant = desk.clock.instant.replace(year=2027)
    await updates.sweep()

    assert not await updates.known(1)


async def test_people_of_another_organisation_are_strangers_in_this_group(desk: Desk) -> None:
    async with desk.database.writing() as session:
        other = Organisation(name="Outra Rede", timezone="America/Sao_Paulo", locale="en")
        session.add(other)
        await session.flush()
        now = desk.clock.now()
        session.add(Person(organisation_id=other.id, telegram_id=9, name="Zoe", role="owner", created_at=now))
    identify = await desk.container.get(Identify)

    assert await identify(9, GROUP) is None
    member = await identify(9, None)
    assert member is not None
    assert member.organisation.name == "Outra Rede"
    known = await identify(ANA, GROUP)
    assert known is not None


async def test_a_tap_that_takes_long_is_kept_with_its_id_until_it_is_answered(desk: Desk) -> None:
    async def feed(_update: Update) -> None:
        await asyncio.Event().wait()

    answered, inbox = await desk.container.get(Answered), await desk.container.get(Inbox)
    answered.note("72")
    async with bot(desk) as made:
        poller = Poller(made, feed, inbox, answered, HURRY.watching)
        assert await poller.handle([await tapped(desk, "71"), await tapped(desk, "72")]) == []
        await poller.tasks.close()

    assert [json.loads(one.body)["callback_query"]["id"] for one in await inbox.waiting()] == ["71", NO_ANSWER_DUE]


async def test_a_foreign_tap_that_was_answered_before_it_was_cut_off_is_not_answered_again(desk: Desk) -> None:
    async with bot(desk) as made:
        dispatcher = await dispatcher_of(desk, made)
        await dispatcher.feed_update(made, await tapped(desk, NO_ANSWER_DUE))

    assert not any(call.method == "answerCallbackQuery" for call in desk.telegram.calls)


async def tapped(desk: Desk, query_id: str) -> Update:
    """Return a tap of Rui's on something in Ana's private chat."""
    message = (await desk.ana.says("hello")).as_json()
    query = {"id": query_id, "from": desk.rui.user.as_json(), "chat_instance": "1", "data": "b:x", "message": message}
    return Update.model_validate({"update_id": message["message_id"], "callback_query": query})


async def received(desk: Desk) -> list[Update]:
    """Return the updates as Telegram would bring them again."""
    handled = {row.update_id for row in await desk.rows(HandledUpdate)}
    first = min(handled)
    texts = [one for one in desk.telegram.messages(ANA) if not one.is_from_bot]
    return [
        Update.model_validate({"update_id": first + number, "message": one.as_json()})
        for number, one in enumerate(texts)
    ]


async def dispatcher_of(desk: Desk, made: Bot) -> Dispatcher:
    postman = Postman(made, Pacer(HURRY.paces), await desk.container.get(Chats), Reach(desk.clock))
    return await build_dispatcher(desk.container, postman, Nursery())


@asynccontextmanager
async def bot(desk: Desk) -> AsyncIterator[Bot]:
    session = Session(await desk.container.get(Answered), api=TelegramAPIServer.from_base(desk.telegram.url))
    async with Bot(TOKEN, session) as made:
        yield made
