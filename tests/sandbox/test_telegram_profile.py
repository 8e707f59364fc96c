"""What the bot says about itself, and the keyboards in place of letters."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import MenuButtonCommands, MenuButtonDefault, MenuButtonWebApp, WebAppInfo

from sandbox.telegram import TelegramServer


async def test_name_and_descriptions_are_kept_per_language(tg: TelegramServer, bot: Bot) -> None:
    await bot.set_my_description("Keeps discounts live.")
    await bot.set_my_description("Cuida dos descontos.", language_code="pt")
    assert (await bot.get_my_description("pt")).description == "Cuida dos descontos."
    assert (await bot.get_my_description("es")).description == "Keeps discounts live."
    assert (await bot.get_my_name()).name == "Chimera"
    with pytest.raises(TelegramBadRequest, match="description is too long"):
        await bot.set_my_description("x" * 513)
    with pytest.raises(TelegramBadRequest, match="short description is too long"):
        await bot.set_my_short_description("x" * 121)


async def test_the_menu_button_is_the_chat_s_own_or_the_usual_one(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    app = MenuButtonWebApp(text="Open", web_app=WebAppInfo(url="https://hub.example.org/app"))
    await bot.set_chat_menu_button(chat_id=1001, menu_button=app)
    assert isinstance(await bot.get_chat_menu_button(1001), MenuButtonWebApp)
    assert isinstance(await bot.get_chat_menu_button(), MenuButtonCommands | MenuButtonDefault)
    insecure = MenuButtonWebApp(text="Open", web_app=WebAppInfo(url="http://hub.example.org/app"))
    with pytest.raises(TelegramBadRequest, match="Only HTTPS links are allowed"):
        await bot.set_chat_menu_button(chat_id=1001, menu_button=insecure)


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        ({"keyboard": []}, "reply keyboard must be non-empty"),
        ({"keyboard": [[{"text": " "}]]}, "non-empty String"),
        ({"keyboard": [["Yes"]], "input_field_placeholder": "x" * 65}, "placeholder is too long"),
        ({"keyboard": [["x"] * 8] * 38}, "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "x", "style": "loud"}]]}, "invalid button style"),
    ],
)
async def test_wrong_keyboards_are_refused(
    tg: TelegramServer, call_api: Any, markup: dict[str, Any], refusal: str
) -> None:
    await tg.person(1001, "Ana").says("/start")
    status, answer = await call_api("sendMessage", chat_id=1001, text="x", reply_markup=markup)
    assert (status, refusal in answer["description"]) == (400, True)
    assert [one.kind for one in tg.violations] == ["invalid_markup"]


async def test_a_bot_that_leaves_is_out_and_the_pinned_message_is_told(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    tg.add_bot(ops := tg.group(-1001, "Ops", members=[ana], bot="left"), ana, admin=True)
    sent = await bot.send_message(-1001, "read me")
    await bot.pin_chat_message(-1001, sent.message_id)
    pinned = (await bot.get_chat(-1001)).pinned_message
    assert pinned is not None
    assert pinned.message_id == sent.message_id
    await bot.leave_chat(-1001)
    assert ops.bot_status == "left"
