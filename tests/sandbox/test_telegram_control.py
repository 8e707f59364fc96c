import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiogram import Bot

from sandbox.telegram import TelegramServer


@pytest.fixture
async def http(tg: TelegramServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=tg.url) as session:
        yield session


async def post(http: aiohttp.ClientSession, path: str, **body: Any) -> dict[str, Any]:
    async with http.post(path, json=body) as response:
        answer: dict[str, Any] = await response.json()
        return {"status": response.status, **answer}


async def get(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as response:
        return await response.json()


async def test_another_process_can_speak_and_tap(
    tg: TelegramServer, bot: Bot, call_api: Any, http: aiohttp.ClientSession
) -> None:
    await post(http, "/_fake/person", id=1001, name="Ana", language="pt-br")
    await post(http, "/_fake/say", person=1001, text="/status")
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    _, sent = await call_api("sendMessage", chat_id=1001, text="<b>x</b>", parse_mode="HTML", reply_markup=markup)
    message_id = sent["result"]["message_id"]
    assert (await post(http, "/_fake/tap", person=1001, message=message_id, button="Go"))["status"] == 200
    updates = await bot.get_updates()
    assert [one.event_type for one in updates] == ["message", "callback_query"]
    shown = (await get(http, "/_fake/messages/1001"))[-1]
    assert (shown["html"], shown["buttons"][0][0]["text"]) == ("<b>x</b>", "Go")
    assert [one["id"] for one in await get(http, "/_fake/chats")] == [1001]


async def test_impossible_acts_are_answered_with_their_reason(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    assert (await post(http, "/_fake/say", person=5, text="x"))["status"] == 400
    said = await tg.person(1001, "Ana").says("/start")
    answer = await post(http, "/_fake/tap", person=1001, message=said.id, button="Go")
    assert (answer["status"], "No single button" in answer["error"]) == (400, True)
    assert (await post(http, "/_fake/faults", kind="drop", colour="red"))["status"] == 400


async def test_faults_calls_and_violations_are_within_reach(
    tg: TelegramServer, call_api: Any, http: aiohttp.ClientSession
) -> None:
    planned = await post(http, "/_fake/faults", kind="too_many_requests", retry_after=9, method="sendMessage")
    assert len(planned["pending"]) == 1
    assert (await call_api("sendMessage", chat_id=1, text="x"))[1]["parameters"] == {"retry_after": 9}
    await call_api("sendTelepathy")
    assert [one["status"] for one in await get(http, "/_fake/calls")] == [429, 404]
    assert [one["kind"] for one in await get(http, "/_fake/violations")] == ["unknown_method"]
    await post(http, "/_fake/faults", kind="drop", times=None)
    assert (await post(http, "/_fake/faults", kind="clear"))["pending"] == []


async def test_changes_stream_to_a_page(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    async with http.get("/_fake/events") as stream:
        await tg.person(1001, "Ana").says("olá")
        line = await stream.content.readline()
    change = json.loads(line.removeprefix(b"data: "))
    assert (change["kind"], change["message"]["text"], change["message"]["person"]) == ("new", "olá", 1001)


async def test_files_can_be_fetched_by_a_page(tg: TelegramServer, http: aiohttp.ClientSession) -> None:
    said = await tg.person(1001, "Ana").sends_file("a.csv", b"1;2", content_type="text/csv")
    assert said.document is not None
    async with http.get(f"/_fake/file/{said.document.file_id}") as response:
        assert (await response.read(), response.content_type) == (b"1;2", "text/csv")
    async with http.get("/_fake/file/other") as response:
        assert response.status == 404
