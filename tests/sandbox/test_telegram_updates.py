import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.telegram import Message, SandboxError, TelegramServer

GO = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Release 3", callback_data="r:3")]])


async def with_button(tg: TelegramServer, bot: Bot) -> Message:
    await tg.person(1001, "Ana").says("/start")
    await bot.send_message(1001, "Held", reply_markup=GO)
    return tg.messages(1001)[-1]


async def test_updates_stay_until_a_higher_offset_confirms_them(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana", language="pt-br")
    await ana.says("one")
    await ana.says("two")
    first, second = await bot.get_updates()
    assert [one.update_id for one in await bot.get_updates()] == [first.update_id, second.update_id]
    [left] = await bot.get_updates(offset=first.update_id + 1)
    assert left.message is not None
    assert left.message.text == "two"
    assert left.message.from_user is not None
    assert left.message.from_user.language_code == "pt-br"
    assert await bot.get_updates(offset=second.update_id + 1) == []


async def test_a_negative_offset_forgets_all_but_the_last(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    for number in range(3):
        await ana.says(str(number))
    [last] = await bot.get_updates(offset=-1)
    assert last.message is not None
    assert last.message.text == "2"
    assert len(await bot.get_updates()) == 1


async def test_a_long_poll_returns_as_soon_as_somebody_speaks(tg: TelegramServer, bot: Bot) -> None:
    poll = asyncio.ensure_future(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    await tg.person(1001, "Ana").says("hello")
    async with asyncio.timeout(20):
        assert len(await poll) == 1


async def test_a_long_poll_ends_empty_after_its_time(tg: TelegramServer, bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == []
    assert tg.violations == []


async def test_the_newest_poll_wins_and_the_older_gets_a_conflict(tg: TelegramServer, bot: Bot) -> None:
    older = asyncio.ensure_future(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    newer = asyncio.ensure_future(bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request; make sure"):
        await older
    await tg.person(1001, "Ana").says("hello")
    assert len(await newer) == 1
    assert [one.kind for one in tg.violations] == ["conflict"]


async def test_a_poll_whose_client_died_is_no_conflict(tg: TelegramServer, bot: Bot) -> None:
    dead = asyncio.ensure_future(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    dead.cancel()
    await asyncio.sleep(0.05)
    poll = asyncio.ensure_future(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    await tg.person(1001, "Ana").says("hello")
    assert len(await poll) == 1
    assert tg.violations == []


async def test_a_tap_handed_to_a_dead_client_was_never_delivered(tg: TelegramServer, bot: Bot, tg_clock: Any) -> None:
    message = await with_button(tg, bot)
    [start] = await bot.get_updates()
    dead = asyncio.ensure_future(bot.get_updates(offset=start.update_id + 1, timeout=30))
    await asyncio.sleep(0.05)
    dead.cancel()
    await asyncio.sleep(0.05)
    tap = await tg.person(1001, "Ana").taps(message, "Release")
    await asyncio.sleep(0.05)
    tg_clock.turn(60)
    assert tg.overdue_callbacks() == []
    await bot.get_updates()
    tg_clock.turn(60)
    assert tg.overdue_callbacks() == [tap]


async def test_unconfirmed_updates_are_forgotten_after_a_day(tg: TelegramServer, bot: Bot, tg_clock: Any) -> None:
    await tg.person(1001, "Ana").says("hello")
    tg_clock.turn(23 * 3600)
    assert len(await bot.get_updates()) == 1
    tg_clock.turn(2 * 3600)
    assert await bot.get_updates() == []


async def test_only_allowed_kinds_are_queued_and_unknown_kinds_noted(tg: TelegramServer, bot: Bot) -> None:
    message = await with_button(tg, bot)
    await bot.get_updates(offset=-1, allowed_updates=["callback_query", "aiogd_update"])
    await tg.person(1001, "Ana").says("not asked for")
    await tg.person(1001, "Ana").taps(message, "Release")
    updates = await bot.get_updates(offset=-1)
    assert [one.event_type for one in updates] == ["callback_query"]
    assert [(one.kind, one.detail) for one in tg.violations] == [("unknown_update_kind", "aiogd_update")]


async def test_a_webhook_shuts_out_polling_until_it_is_deleted(tg: TelegramServer, bot: Bot) -> None:
    await bot.set_webhook("https://hub.example.org/hook", secret_token="s3cret")
    assert (await bot.get_webhook_info()).url == "https://hub.example.org/hook"
    assert "s3cret" not in repr(tg.calls)
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await tg.person(1001, "Ana").says("hello")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_a_tap_waits_for_its_answer(tg: TelegramServer, bot: Bot, tg_clock: Any) -> None:
    tap = await tg.person(1001, "Ana").taps(await with_button(tg, bot), "Release 3")
    [update] = await bot.get_updates(offset=-1)
    query = update.callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("r:3", 1001)
    assert query.message is not None
    assert query.message.message_id == tg.messages(1001)[-1].id
    tg_clock.turn(2)
    await bot.answer_callback_query(query.id, text="Released", show_alert=True)
    answer = await tap
    assert (answer.text, answer.show_alert, answer.after) == ("Released", True, 2)
    assert tg.overdue_callbacks() == []


async def test_a_second_answer_to_a_tap_is_refused(tg: TelegramServer, bot: Bot, call_api: Any) -> None:
    tap = await tg.person(1001, "Ana").taps(await with_button(tg, bot), "Release 3")
    await bot.answer_callback_query(tap.id)
    status, answer = await call_api("answerCallbackQuery", callback_query_id=tap.id)
    assert status == 400
    assert "query is too old and response timeout expired or query ID is invalid" in answer["description"]
    assert [one.kind for one in tg.violations] == ["late_answer"]


async def test_a_tap_left_unanswered_is_overdue_once_the_bot_has_it(
    tg: TelegramServer, bot: Bot, tg_clock: Any
) -> None:
    tap = await tg.person(1001, "Ana").taps(await with_button(tg, bot), "Release 3")
    tg_clock.turn(60)
    assert tg.overdue_callbacks() == []
    await bot.get_updates()
    tg_clock.turn(11)
    assert tg.overdue_callbacks() == [tap] == tg.overdue_callbacks()
    assert [one.kind for one in tg.violations] == ["unanswered_callback"]
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(tap.id)


async def test_a_tap_made_while_the_bot_was_away_expires_without_blame(
    tg: TelegramServer, bot: Bot, tg_clock: Any
) -> None:
    tap = await tg.person(1001, "Ana").taps(await with_button(tg, bot), "Release 3")
    tg_clock.turn(60)
    await bot.get_updates()
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(tap.id)
    assert tg.violations == []


async def test_a_stale_keyboard_can_still_send_any_data(tg: TelegramServer, bot: Bot) -> None:
    message = await with_button(tg, bot)
    tg.delete_by_person(message)
    ana = tg.person(1001, "Ana")
    with pytest.raises(SandboxError, match="No single button"):
        await ana.taps(message, "Release 3")
    await ana.taps(message, data="r:forged")
    [update] = await bot.get_updates(offset=-1)
    assert update.callback_query is not None
    assert update.callback_query.data == "r:forged"
    assert update.callback_query.message is not None
    assert update.callback_query.message.date == 0


async def test_inline_queries_are_answered(tg: TelegramServer, bot: Bot, call_api: Any) -> None:
    query = await tg.person(1001, "Ana").types_inline("7891")
    article = {"type": "article", "id": "1", "title": "Rice", "input_message_content": {"message_text": "x"}}
    status, _ = await call_api("answerInlineQuery", inline_query_id=query.id, results=[article, article])
    assert status == 400
    await call_api("answerInlineQuery", inline_query_id=query.id, results=[article])
    assert [one["title"] for one in (await query).results] == ["Rice"]


async def test_a_restarted_bot_finds_what_waited(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/sync 001")
    await tg.go_down()
    await tg.come_up()
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/sync 001"
    assert [one.type for one in update.message.entities or []] == ["bot_command"]
