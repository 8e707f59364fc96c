import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    ChatMemberAdministrator,
    ChatMemberMember,
)

from sandbox.telegram import SandboxError, TelegramServer


async def test_of_group_talk_the_bot_hears_commands_and_replies(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana])
    await ana.says("good morning", chat=ops)
    await ana.says("/status@some_other_bot", chat=ops)
    await ana.says("/status", chat=ops)
    await ana.says("/sync@chimera_sandbox_bot 001", chat=ops)
    await ana.says("🛒🛒 /status@some_other_bot", chat=ops)
    sent = await bot.send_message(-1001, "Which store?")
    await ana.says("the first", chat=ops, reply_to=tg.messages(-1001)[-1])
    updates = await bot.get_updates()
    heard = [one.message.text for one in updates if one.message]
    assert heard == ["/status", "/sync@chimera_sandbox_bot 001", "the first"]
    last = updates[-1].message
    assert last is not None
    assert last.reply_to_message is not None
    assert last.reply_to_message.message_id == sent.message_id


async def test_an_anonymous_admin_speaks_for_the_group(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", admins=[ana])
    await ana.says("/sync", chat=ops, anonymous=True)
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.sender_chat is not None
    assert update.message.sender_chat.id == -1001
    assert update.message.from_user is not None
    assert update.message.from_user.id == 1087968824


async def test_a_stranger_cannot_speak_in_a_group(tg: TelegramServer) -> None:
    ops = tg.group(-1001, "Ops")
    with pytest.raises(SandboxError, match="not in the chat"):
        await tg.person(1001, "Ana").says("/status", chat=ops)


async def test_a_group_that_became_a_supergroup_names_its_new_id(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana])
    new_id = tg.migrate(ops)
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(-1001, "hello")
    assert caught.value.migrate_to_chat_id == new_id
    await bot.send_message(new_id, "hello")
    first, second = await bot.get_updates()
    assert first.message is not None
    assert second.message is not None
    assert (first.message.migrate_to_chat_id, second.message.migrate_from_chat_id) == (new_id, -1001)
    assert tg.violations == []


@pytest.mark.parametrize(("supergroup", "kind"), [(False, "group"), (True, "supergroup")])
async def test_a_kicked_bot_gets_403_and_an_update(tg: TelegramServer, bot: Bot, supergroup: bool, kind: str) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana], supergroup=supergroup)
    tg.kick_bot(ops, ana)
    with pytest.raises(TelegramForbiddenError, match=f"bot was kicked from the {kind} chat"):
        await bot.send_message(-1001, "hello")
    [update] = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    assert update.my_chat_member.from_user.id == 1001


async def test_bringing_the_bot_into_a_group_is_told(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana], bot="left")
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the group chat"):
        await bot.send_message(-1001, "hello")
    tg.add_bot(ops, by=ana)
    await bot.send_message(-1001, "hello")
    tg.add_bot(ops, by=ana, admin=True)
    updates = await bot.get_updates()
    changes = [one.my_chat_member for one in updates if one.my_chat_member]
    assert [one.new_chat_member.status for one in changes] == ["member", "administrator"]


async def test_blocking_and_unblocking_is_told(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    await ana.says("/start")
    ana.blocks_bot()
    with pytest.raises(SandboxError, match="blocked the bot"):
        await ana.says("hello?")
    ana.unblocks_bot()
    updates = await bot.get_updates()
    changes = [one.my_chat_member.new_chat_member.status for one in updates if one.my_chat_member]
    assert changes == ["kicked", "member"]


async def test_a_message_goes_into_a_topic_that_exists(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    forum = tg.group(-1002, "Forum", members=[ana], forum=True)
    thread = tg.topic(forum, "Alerts")
    sent = await bot.send_message(-1002, "in the topic", message_thread_id=thread)
    assert (sent.message_thread_id, sent.is_topic_message) == (thread, True)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(-1002, "never was", message_thread_id=thread + 77)
    assert len(tg.violations) == 1
    tg.delete_topic(forum, thread)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(-1002, "is gone", message_thread_id=thread)
    assert len(tg.violations) == 1


async def test_others_messages_are_deleted_by_an_administrator_only(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana])
    said = await ana.says("/secret 1234", chat=ops)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(-1001, said.id)
    tg.add_bot(ops, by=ana, admin=True)
    await bot.delete_messages(-1001, [said.id, 999])
    assert said.deleted


async def test_the_bot_can_ask_who_is_there(tg: TelegramServer, bot: Bot) -> None:
    ana, rui = tg.person(1001, "Ana"), tg.person(1002, "Rui")
    tg.group(-1001, "Ops", members=[rui], admins=[ana])
    assert (await bot.get_chat(-1001)).title == "Ops"
    assert await bot.get_chat_member_count(-1001) == 3
    assert isinstance(await bot.get_chat_member(-1001, 1002), ChatMemberMember)
    [admin] = await bot.get_chat_administrators(-1001)
    assert isinstance(admin, ChatMemberAdministrator)
    assert admin.user.id == 1001
    assert (await bot.get_chat_member(-1001, bot.id)).status == "member"
    assert await bot.send_chat_action(-1001, "typing")
    assert await bot.leave_chat(-1001)
    with pytest.raises(TelegramForbiddenError, match="not a member"):
        await bot.get_chat(-1001)


async def test_command_lists_are_kept_per_scope_and_language(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    mine = BotCommandScopeChat(chat_id=1001)
    await bot.set_my_commands([BotCommand(command="sync", description="Run")], scope=mine)
    await bot.set_my_commands([BotCommand(command="sync", description="Rodar")], scope=mine, language_code="pt")
    assert (await bot.get_my_commands(scope=mine, language_code="pt"))[0].description == "Rodar"
    await bot.delete_my_commands(scope=mine, language_code="pt")
    assert await bot.get_my_commands(scope=mine, language_code="pt") == []
    assert (await bot.get_my_commands(scope=mine))[0].description == "Run"
    assert await bot.get_my_commands() == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (BotCommand(command="Sync", description="x"), "BOT_COMMAND_INVALID"),
        (BotCommand(command="dry-run", description="x"), "BOT_COMMAND_INVALID"),
        (BotCommand(command="sync", description=" "), "command description must be non-empty"),
        (BotCommand(command="sync", description="x" * 257), "must not exceed 256"),
    ],
)
async def test_wrong_commands_are_refused(tg: TelegramServer, bot: Bot, command: BotCommand, words: str) -> None:
    with pytest.raises(TelegramBadRequest, match=words):
        await bot.set_my_commands([command])
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands([], scope=BotCommandScopeChatMember(chat_id=5, user_id=5))
    with pytest.raises(TelegramBadRequest, match="LANG_CODE_INVALID"):
        await bot.get_my_commands(language_code="pt-br")


async def test_waiting_for_a_message_sees_new_ones_and_edits(tg: TelegramServer, bot: Bot) -> None:
    said = await tg.person(1001, "Ana").says("/sync")
    waiting = asyncio.ensure_future(tg.wait_for(1001, "done", after=said))
    card = await bot.send_message(1001, "running")
    await bot.edit_message_text("done", chat_id=1001, message_id=card.message_id)
    assert (await waiting).edits == 1
    with pytest.raises(TimeoutError, match="Chimera: done"):
        await tg.wait_for(1001, lambda message: "never" in message.text, timeout=0.01)


async def test_changes_are_told_in_order_to_everybody_who_listens(tg: TelegramServer, bot: Bot) -> None:
    changes = tg.changes()
    await tg.person(1001, "Ana").says("/sync")
    card = await bot.send_message(1001, "1")
    await bot.edit_message_text("2", chat_id=1001, message_id=card.message_id)
    await bot.delete_message(1001, card.message_id)
    seen = [await anext(changes) for _ in range(4)]
    assert [one.kind for one in seen] == ["new", "new", "edited", "deleted"]


async def test_the_transcript_shows_texts_buttons_and_files(tg: TelegramServer, bot: Bot, call_api: Any) -> None:
    await tg.person(1001, "Ana").says("/status")
    rows = [[{"text": "Release", "callback_data": "r"}, {"text": "Drop", "callback_data": "d"}]]
    await call_api("sendMessage", chat_id=1001, text="Held\n2 stores", reply_markup={"inline_keyboard": rows})
    await tg.person(1001, "Ana").sends_file("a.yaml", b"123")
    assert tg.rendered(1001).splitlines() == [
        "Ana: /status",
        "Chimera: Held",
        "         2 stores",
        "         [Release] [Drop]",
        "Ana: <file a.yaml, 3 bytes>",
    ]


async def test_the_bot_opens_and_closes_topics_where_it_is_administrator(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    forum = tg.group(-1002, "Forum", members=[ana], forum=True)
    with pytest.raises(TelegramBadRequest, match="not enough rights to create a topic"):
        await bot.create_forum_topic(-1002, "Alerts")
    tg.add_bot(forum, ana, admin=True)
    topic = await bot.create_forum_topic(-1002, "Alerts")
    await bot.close_forum_topic(-1002, topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(-1002, topic.message_thread_id)
    await bot.send_message(-1002, "an administrator still may", message_thread_id=topic.message_thread_id)
    await bot.delete_forum_topic(-1002, topic.message_thread_id)
    assert all(one.deleted for one in tg.messages(-1002))


async def test_a_closed_topic_takes_no_message_of_a_plain_member(tg: TelegramServer, bot: Bot) -> None:
    forum = tg.group(-1002, "Forum", members=[tg.person(1001, "Ana")], forum=True)
    thread = tg.topic(forum, "Alerts")
    tg.close_topic(forum, thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await bot.send_message(-1002, "hello", message_thread_id=thread)
    kinds = [next(iter(one.service)) for one in tg.messages(-1002)]
    assert kinds == ["forum_topic_created", "forum_topic_closed"]


async def test_an_administrator_bot_hears_who_comes_and_goes(tg: TelegramServer, bot: Bot) -> None:
    ana, rui = tg.person(1001, "Ana"), tg.person(1002, "Rui")
    ops = tg.group(-1001, "Ops", admins=[ana])
    tg.join(ops, rui)
    tg.add_bot(ops, ana, admin=True)
    await bot.get_updates(offset=-1, allowed_updates=["chat_member"])
    tg.promote(ops, rui, by=ana)
    tg.leave(ops, rui, by=ana)
    changes = [one.chat_member for one in await bot.get_updates() if one.chat_member]
    assert [one.new_chat_member.status for one in changes] == ["administrator", "kicked"]


async def test_everybody_sees_the_command_list_of_the_narrowest_scope(tg: TelegramServer, bot: Bot) -> None:
    ana, rui = tg.person(1001, "Ana", language="pt-br"), tg.person(1002, "Rui")
    await ana.says("/start")
    await bot.set_my_commands([BotCommand(command="help", description="Help")])
    await bot.set_my_commands([BotCommand(command="ajuda", description="Ajuda")], language_code="pt")
    assert [one["command"] for one in tg.commands_for(ana.chat, ana)] == ["ajuda"]
    assert [one["command"] for one in tg.commands_for(rui.chat, rui)] == ["help"]
    await bot.set_my_commands([BotCommand(command="jobs", description="Jobs")], BotCommandScopeChat(chat_id=1001))
    assert [one["command"] for one in tg.commands_for(ana.chat, ana)] == ["jobs"]
