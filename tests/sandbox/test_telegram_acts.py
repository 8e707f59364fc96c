"""What pages and other processes let people do, over HTTP; and everything that happens, live."""

from typing import Any

import aiohttp
import pytest
from aiogram import Bot

from sandbox.telegram import TelegramServer


@pytest.fixture
async def http(tg: TelegramServer) -> Any:
    tg.person(1001, "Ana")
    async with aiohttp.ClientSession(tg.url) as session:
        yield session


async def post(http: aiohttp.ClientSession, act: str, /, **body: Any) -> Any:
    async with http.post(f"/_fake/{act}", json=body) as answer:
        document = await answer.json()
        assert answer.status == 200, document
        return document


async def test_a_group_lives_through_all_that_can_happen_to_it(
    tg: TelegramServer, bot: Bot, http: aiohttp.ClientSession
) -> None:
    tg.person(1002, "Rui")
    made = await post(http, "group", person=1001, title="South", forum=True)
    chat = made["id"]
    await post(http, "member", person=1001, chat=chat, who=1002, status="member")
    await post(http, "bot", person=1001, chat=chat, status="administrator")
    topic = (await post(http, "topic", person=1001, chat=chat, act="open", name="Alerts"))["thread"]
    closed = await post(http, "topic", person=1001, chat=chat, act="close", thread=topic)
    assert (closed["topics"], closed["closed_topics"]) == ({str(topic): "Alerts"}, [topic])
    await post(http, "topic", person=1001, chat=chat, act="delete", thread=topic)
    gone = await post(http, "bot", person=1001, chat=chat, status="kicked")
    assert (gone["bot_status"], len(gone["members"])) == ("kicked", 2)
    statuses = [
        one.my_chat_member.new_chat_member.status for one in await bot.get_updates() if one.my_chat_member is not None
    ]
    assert statuses == ["member", "administrator", "kicked"]


async def test_a_plain_group_moves(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    made = await post(http, "group", person=1001, title="South")
    moved = await post(http, "migrate", person=1001, chat=made["id"])
    assert tg.chat(made["id"]).migrated_to == moved["chat"]


async def test_files_come_as_a_form(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData({"person": "1001", "caption": "two of them"})
    for name in ("a.csv", "b.csv"):
        form.add_field("file", b"1;2", filename=name, content_type="text/csv")
    async with http.post("/_fake/upload", data=form) as answer:
        sent = await answer.json()
    assert [(one["file"]["name"], one["text"]) for one in sent] == [("a.csv", "two of them"), ("b.csv", "")]


async def test_an_own_text_is_edited_and_told(tg: TelegramServer, bot: Bot, http: aiohttp.ClientSession) -> None:
    said = await post(http, "say", person=1001, text="/sync 01")
    await post(http, "edit", person=1001, message=said["id"], text="/sync 001")
    assert [one.event_type for one in await bot.get_updates()] == ["message", "edited_message"]
    await post(http, "delete", person=1001, message=said["id"])
    assert tg.messages(1001)[0].deleted


async def test_everything_is_told_live(tg: TelegramServer, bot: Bot, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect("/_fake/live") as socket:
        await post(http, "language", person=1001, language="es")
        await post(http, "say", person=1001, text="hola /help")
        await bot.send_chat_action(1001, "typing")
        await post(http, "block", person=1001, blocked=True)
        told = [await socket.receive_json(timeout=20) for _ in range(4)]
    assert [one["kind"] for one in told] == ["person", "new", "action", "chat"]
    assert [one["type"] for one in told[1]["message"]["entities"]] == ["bot_command"]


async def test_limits_of_pace_are_switched(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    assert await post(http, "flood", on=True) == {"on": True}
    assert tg.flood_control


async def test_commands_and_links_are_found_in_a_bot_s_text_but_not_in_code(
    tg: TelegramServer, bot: Bot, http: aiohttp.ClientSession
) -> None:
    await tg.people[1001].says("/start")
    await bot.send_message(1001, "<b>try /sync</b> <code>/not</code> https://example.org/", parse_mode="HTML")
    async with http.get("/_fake/messages/1001") as answer:
        shown = (await answer.json())[-1]
    assert [one["type"] for one in shown["entities"]] == ["bold", "bot_command", "code", "url"]
    assert [one["type"] for one in tg.messages(1001)[-1].entities] == ["bold", "code"]
