import asyncio
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter

from sandbox.telegram import TelegramServer


async def send_until_refused(bot: Bot, chat_id: int, limit: int = 40) -> tuple[int, int]:
    """Send at once until a 429 comes: how many went through, and its retry_after."""
    for sent in range(limit):
        try:
            await bot.send_message(chat_id, f"message {sent}")
        except TelegramRetryAfter as error:
            return sent, error.retry_after
    return limit, 0


async def test_without_flood_control_nothing_is_limited(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    assert await send_until_refused(bot, 1001) == (40, 0)


async def test_a_private_chat_takes_a_short_burst_then_one_a_second(
    tg: TelegramServer, bot: Bot, tg_clock: Any
) -> None:
    tg.flood_control = True
    await tg.person(1001, "Ana").says("/start")
    assert await send_until_refused(bot, 1001) == (5, 1)
    for _ in range(5):
        tg_clock.turn(1)
        await bot.send_message(1001, "paced")
    assert [one.kind for one in tg.violations] == ["flood"]


async def test_a_group_takes_twenty_a_minute_edits_included(tg: TelegramServer, bot: Bot, tg_clock: Any) -> None:
    tg.flood_control = True
    tg.group(-1001, "Ops", members=[tg.person(1001, "Ana")])
    card = await bot.send_message(-1001, "0")
    for number in range(1, 20):
        tg_clock.turn(0.01)
        await bot.edit_message_text(str(number), chat_id=-1001, message_id=card.message_id)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(-1001, "one too many")
    assert 1 <= caught.value.retry_after <= 3
    assert [one.kind for one in tg.violations] == ["flood"]


async def test_all_chats_together_take_thirty_a_second(tg: TelegramServer, bot: Bot) -> None:
    tg.flood_control = True
    refused = 0
    for number in range(35):
        await tg.person(2000 + number, f"P{number}").says("/start")
        try:
            await bot.send_message(2000 + number, "hello")
        except TelegramRetryAfter:
            refused += 1
    assert refused == 5


async def test_calls_during_the_pause_asked_for_are_refused_and_noted(
    tg: TelegramServer, bot: Bot, tg_clock: Any
) -> None:
    await tg.person(1001, "Ana").says("/start")
    tg.faults.too_many_requests(7, chat_id=1001)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1001, "a")
    assert caught.value.retry_after == 7
    assert tg.violations == []
    tg_clock.turn(3)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1001, "b")
    assert caught.value.retry_after == 4
    assert [one.kind for one in tg.violations] == ["during_retry_after"]
    tg_clock.turn(4)
    await bot.send_message(1001, "c")


async def test_a_planned_429_meets_only_its_method(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    tg.faults.too_many_requests(3, method="answerCallbackQuery")
    await bot.send_message(1001, "passes")
    with pytest.raises(TelegramRetryAfter):
        await bot.answer_callback_query("1")
    assert tg.faults.pending == []


async def test_a_gateway_error_is_a_page_and_stores_nothing(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    tg.faults.server_error(502, times=2)
    for _ in range(2):
        with pytest.raises(ClientDecodeError):
            await bot.send_message(1001, "lost")
    await bot.send_message(1001, "arrives")
    assert [one.text for one in tg.messages(1001)] == ["/start", "arrives"]
    assert [one.status for one in tg.calls] == [502, 502, 200]


async def test_a_cut_after_storing_leaves_the_message_in_the_chat(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    tg.faults.store_then_cut(method="sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "stored")
    tg.faults.drop()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "dropped")
    assert [one.text for one in tg.messages(1001)] == ["/start", "stored"]
    assert [one.status for one in tg.calls] == [0, 0]


async def test_a_delayed_call_still_counts_after_the_client_gave_up(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    tg.faults.delay(0.2)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.send_message(1001, "slow", request_timeout=0.05)  # type: ignore[arg-type] # floats work too
    await tg.wait_for(1001, "slow")


async def test_when_telegram_is_down_nobody_answers_and_it_comes_back(tg: TelegramServer, bot: Bot) -> None:
    url = tg.url
    poll = asyncio.ensure_future(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(20):
        await tg.go_down()
        with pytest.raises(TelegramNetworkError):
            await poll
    with pytest.raises(TelegramNetworkError):
        await bot.get_me()
    await tg.come_up()
    assert tg.url == url
    assert (await bot.get_me()).username == "chimera_sandbox_bot"


async def test_polling_is_spared_by_faults_that_do_not_name_it(tg: TelegramServer, bot: Bot) -> None:
    tg.faults.drop(times=None)
    assert await bot.get_updates() == []
    tg.faults.clear()
    tg.faults.server_error(500, method="getUpdates")
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{tg.url}/bot{tg.token}/getUpdates") as response,
    ):
        assert (response.status, response.content_type) == (500, "text/html")
