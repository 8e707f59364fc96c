"""Inline mode: offers, picks, what is cached for whom, and messages sent via the bot."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.telegram import SandboxError, TelegramServer

OPEN_TAG = {"message_text": "<b>", "parse_mode": "HTML"}
GO = {"inline_keyboard": [[{"text": "Refresh", "callback_data": "x:1"}]]}


def article(result_id: str = "1", **more: Any) -> dict[str, Any]:
    content = {"message_text": "<b>Rice</b> 9.90", "parse_mode": "HTML"}
    return {"type": "article", "id": result_id, "title": "Rice", "input_message_content": content, **more}


async def test_a_picked_result_appears_in_the_chat_and_the_bot_hears_of_it(
    tg: TelegramServer, bot: Bot, call_api: Any
) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana])
    query = await ana.types_inline("789", chat=ops)
    await call_api("answerInlineQuery", inline_query_id=query.id, results=[article()], cache_time=0)
    message = await ana.picks(query, "1", chat=ops)
    assert (message.html, message.via_bot) == ("<b>Rice</b> 9.90", tg.world.bot)
    kinds = [one.event_type for one in await bot.get_updates()]
    assert kinds == ["inline_query", "message", "chosen_inline_result"]
    with pytest.raises(SandboxError, match="no result"):
        await ana.picks(query, "2", chat=ops)


async def test_buttons_under_a_picked_result_are_tapped_and_edited_by_its_inline_id(
    tg: TelegramServer, bot: Bot, call_api: Any
) -> None:
    ana = tg.person(1001, "Ana")
    query = await ana.types_inline("789")
    await call_api("answerInlineQuery", inline_query_id=query.id, results=[article(reply_markup=GO)], cache_time=0)
    message = await ana.picks(query, "1")
    await ana.taps(message, "Refresh")
    tap = (await bot.get_updates(offset=-1))[0].callback_query
    assert tap is not None
    assert (tap.message, tap.inline_message_id) == (None, message.inline_id)
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="x:2")]])
    assert await bot.edit_message_text("8.90", inline_message_id=message.inline_id, reply_markup=keyboard)
    assert message.text == "8.90"
    with pytest.raises(TelegramBadRequest, match="MESSAGE_ID_INVALID"):
        await bot.edit_message_text("x", inline_message_id="other")


async def test_an_answer_that_is_not_personal_is_shown_to_others_too(
    tg: TelegramServer, bot: Bot, call_api: Any
) -> None:
    ana, rui = tg.person(1001, "Ana"), tg.person(1002, "Rui")
    open_query, own_query = await ana.types_inline("open"), await ana.types_inline("own")
    await call_api("answerInlineQuery", inline_query_id=open_query.id, results=[article()])
    await call_api("answerInlineQuery", inline_query_id=own_query.id, results=[article()], is_personal=True)
    seen = await (await rui.types_inline("open"))
    assert [one["title"] for one in seen.results] == ["Rice"]
    assert not (await rui.types_inline("own")).answered.done()
    assert (await ana.types_inline("own")).answered.done()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"results": [article(str(n)) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [{"type": "article", "id": "1", "title": "no content"}]}, "input_message_content"),
        ({"results": [{**article(), "title": " "}]}, "title"),
        ({"results": [{**article(), "input_message_content": {"message_text": "x" * 4097}}]}, "too long"),
        (
            {"results": [{**article(), "input_message_content": {"message_text": "<b>", "parse_mode": "HTML"}}]},
            "end tag",
        ),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "Set up", "start_parameter": "no spaces"}}, "START_PARAM_INVALID"),
    ],
)
async def test_wrong_answers_are_refused(
    tg: TelegramServer, call_api: Any, fields: dict[str, Any], refusal: str
) -> None:
    query = await tg.person(1001, "Ana").types_inline("789")
    status, answer = await call_api("answerInlineQuery", inline_query_id=query.id, **fields)
    assert (status, refusal in answer["description"]) == (400, True)
    assert len(tg.violations) == 1
